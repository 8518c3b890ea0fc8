"""What is printed for people: nothing of what is known is left out, and ids stand as they are."""

from __future__ import annotations

import pytest

from linkage.cli import tables
from linkage.model.kinds import Facet
from linkage.model.rings import Evidence, FacetBits, SharedThing


def _evidence(a: str = "a") -> Evidence:
    things = (
        SharedThing(Facet.NETWORK, "ip", "0000000000000001", "home", 2, 9.0, None, None),
        SharedThing(Facet.CONTENT, "prompt", "0000000000000002", None, 40, 0.5, None, None),
        SharedThing(Facet.CONTENT, "prompt", "0000000000000003", None, 50, 0.0, None, None),
    )
    return Evidence(a, "b", -4.0, (FacetBits(Facet.NETWORK, 9.0, 9.0),), things, 9.0, 15.0, "")


def test_every_shared_thing_is_under_its_facet_though_the_facet_counts_for_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables.show(*tables.waterfall(_evidence()))
    shown = capsys.readouterr().out
    order = ["network", "0000000000000001", "content", "counts for nothing", "0000000000000002", "0000000000000003"]
    places = [shown.find(text) for text in [*order, "total"]]
    assert -1 not in places
    assert places == sorted(places)


def test_brackets_in_ids_are_letters(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(*tables.waterfall(_evidence("a[/b][red]c")), "[/b]")
    assert "a[/b][red]c and b" in (shown := capsys.readouterr().out)
    assert shown.endswith("[/b]\n")
