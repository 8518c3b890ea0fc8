"""The nightly job: load, detect, gate, publish, tell what changed; unattended, resumed where it died."""

from linkage.jobs.night.night import Night, Outcome, Page, nightly

__all__ = ["Night", "Outcome", "Page", "nightly"]
