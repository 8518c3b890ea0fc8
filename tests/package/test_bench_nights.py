"""Crews that merge, sleep and are replaced, night by night: ids last, and what was planted is told."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from linkage.evaluate.nights import identity, told_right
from linkage.model.rings import Event
from linkage.simulate import simulate

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_crews_keep_their_ids_and_what_was_planted_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    nights = import_module("nights")
    simulate(tmp_path / "world", 2000, 7)
    story = nights.of_crews(tmp_path, tmp_path / "world" / "facts", tmp_path / "world" / "lists", each=2)
    kept = identity(story.nights)
    assert kept.ring_nights > 100
    assert kept.switch_rate is not None
    assert kept.switch_rate <= 0.01
    assert kept.idf1 is not None
    assert kept.idf1 >= 0.95
    for event in (Event.MERGED, Event.REVIVED):
        agreed = told_right(story.planted, story.told, event, nights.PATIENCE)
        assert agreed.precision is not None
        assert agreed.recall is not None
        assert min(agreed.precision, agreed.recall) >= 0.9, (event, agreed)
