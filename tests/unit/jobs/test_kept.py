"""What was found comes back from the disk as it was, but for what can be read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from linkage.jobs.finding import Found
from linkage.jobs.night.kept import keep, kept
from linkage.model.decisions import Decision, Ruling
from linkage.model.kinds import Facet
from linkage.model.reports import StepReport
from linkage.model.rings import Role
from linkage.publish import RingFacts

NOW = datetime(2026, 3, 1, 12, 30, 0, 5, tzinfo=UTC)


def test_it_comes_back(tmp_path: Path) -> None:
    ring = RingFacts(
        accounts=("a", "b"),
        roles=(Role.CORE, Role.BYSTANDER),
        bits=(1.5, 2.0),
        weakest=(Facet.PAYMENT, None),
        score=9.5,
        facets=(Facet.TIMING,),
        operator=0,
        campaign=1,
        context="vpn",
        requests=7,
        first_seen=NOW,
        last_seen=None,
        asleep=True,
    )
    decision = Decision("d", 1, Ruling.MUST_LINK, ("a", "b"), "", "who", "why", NOW)
    found = Found(
        (ring,),
        NOW,
        3,
        True,
        (StepReport("rank", 1, 2, 3, 0.5, {"whole": 1, "part": 2.5, "text": "t"}),),
        (decision,),
        ((decision, "evidence"),),
        {"crowd_vpn": 4, "usual_network": 2.5},
    )
    keep(tmp_path / "found", found)
    assert kept(tmp_path / "found") == found
