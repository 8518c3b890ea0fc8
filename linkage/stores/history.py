"""The port's part for history: what earlier runs published, kept run by run and never overwritten."""

from __future__ import annotations

from abc import ABC, abstractmethod

from linkage.model.history import PastRing, RingDiff, Stay, difference
from linkage.model.rings import Ring, RingEvent

ALL_EVENTS = 1_000_000


class RunHistory(ABC):
    """Reading earlier runs. Runs are in the order of their ids, which are of equal length."""

    @abstractmethod
    def known_rings(self) -> list[Ring]:
        """Returns every ring there ever was as it was last published, by id."""

    @abstractmethod
    def stays(self) -> list[Stay]:
        """Returns who was in which ring in which role and when, of all rings and runs, by ring, account and run."""

    @abstractmethod
    def ring_as_of(self, ring_id: str, run_id: str) -> PastRing | None:
        """Returns a ring as it stood after a run, or None if there was none yet.

        A ring that the run did not publish is as it was published last before.
        """

    @abstractmethod
    def events(self, ring_id: str | None = None, limit: int = 1000, run_id: str | None = None) -> list[RingEvent]:
        """Returns ring events, of one ring or run or of all: newest run first, then by ring id and event."""

    def ring_diff(self, ring_id: str, from_run: str, to_run: str) -> RingDiff:
        """Returns how a ring changed between two runs; ValueError unless the first is the earlier one."""
        before, after = (self.ring_as_of(ring_id, run_id) for run_id in (from_run, to_run))
        return difference(ring_id, from_run, to_run, before, after, self.events(ring_id, ALL_EVENTS))
