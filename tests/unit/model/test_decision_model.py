"""Decisions: what can be one, when it counts, and which cannot both be honoured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linkage.model.decisions import Decision, Ruling, contradictions, groups

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _made(ruling: Ruling, *accounts: str, **other: Any) -> Decision:
    given: dict[str, Any] = {"ring_id": "", "author": "ann", "reason": "seen it", "at": NOW}
    name = " ".join((ruling, *accounts))
    return Decision(name, 1, ruling, accounts, **given | other)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: _made(Ruling.ALLOWED, "a", author=" "), "an author and a reason"),
        (lambda: _made(Ruling.ALLOWED, "a", reason=""), "an author and a reason"),
        (lambda: _made(Ruling.ALLOWED), "needs 1 different"),
        (lambda: _made(Ruling.MUST_LINK, "a"), "needs 2 different"),
        (lambda: _made(Ruling.CANNOT_LINK, "a", "a"), "each given once"),
        (lambda: _made(Ruling.ALLOWED, ring_id="r"), "is said of accounts"),
        (lambda: _made(Ruling.ALLOWED, "a", expires=NOW), "expires after"),
    ],
)
def test_nonsense_is_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()


def test_some_label_their_accounts() -> None:
    said = {ruling: _made(ruling, "a", "b").label for ruling in Ruling}
    assert {ruling: label for ruling, label in said.items() if label} == {
        Ruling.ABUSE: "abuse",
        Ruling.BENIGN: "benign",
    }


def test_it_counts_until_it_expires_or_is_revoked() -> None:
    brief = _made(Ruling.ALLOWED, "a", expires=NOW + timedelta(days=1))
    assert brief.holds(NOW)
    assert not brief.holds(NOW + timedelta(days=1))
    assert _made(Ruling.ALLOWED, "a").holds(NOW + timedelta(days=9999))
    assert not _made(Ruling.ALLOWED, "a", revoked=NOW).holds(NOW)


def test_what_must_be_together_hangs_together() -> None:
    chain = [_made(Ruling.MUST_LINK, "c", "b"), _made(Ruling.MUST_LINK, "a", "b"), _made(Ruling.MUST_LINK, "y", "x")]
    assert groups(chain) == {"a": "a", "b": "a", "c": "a", "x": "x", "y": "x"}
    assert groups([_made(Ruling.CANNOT_LINK, "a", "b"), _made(Ruling.CONFIRMED, "a")]) == {}
    assert groups([_made(Ruling.CONFIRMED, "a", "b", ring_id="r")]) == {"a": "a", "b": "a"}


AB, BC, XY = (_made(Ruling.MUST_LINK, *pair) for pair in ("ab", "bc", "xy"))


@pytest.mark.parametrize(
    ("others", "last", "against"),
    [
        ([AB, BC], _made(Ruling.CANNOT_LINK, "a", "c"), [AB, BC]),
        ([AB, XY], _made(Ruling.CANNOT_LINK, "a", "x"), []),
        ([AB, XY], _made(Ruling.ALLOWED, "b"), [AB]),
        ([AB], _made(Ruling.REJECTED, "z"), []),
        ([_made(Ruling.CONFIRMED, "a")], _made(Ruling.REJECTED, "a"), ["confirmed a"]),
        ([_made(Ruling.CONFIRMED, "a", "b", ring_id="r")], _made(Ruling.CANNOT_LINK, "a", "b"), ["confirmed a b"]),
        ([_made(Ruling.ABUSE, "a"), _made(Ruling.ABUSE, "b")], _made(Ruling.BENIGN, "a"), ["abuse a"]),
        (
            [_made(Ruling.ABUSE, "a"), _made(Ruling.CONFIRMED, "b")],
            _made(Ruling.ALLOWED, "a", "b"),
            ["abuse a", "confirmed b"],
        ),
        ([_made(Ruling.BENIGN, "a"), AB], _made(Ruling.REJECTED, "c"), []),
        ([_made(Ruling.CANNOT_LINK, "a", "b"), _made(Ruling.ALLOWED, "a")], _made(Ruling.REJECTED, "b"), []),
    ],
)
def test_contradictions_are_found(others: list[Decision], last: Decision, against: list[Decision | str]) -> None:
    found = contradictions([*others, last])
    assert {(one.decision_id, other.decision_id) for one, other in found} == {
        (one if isinstance(one, str) else one.decision_id, last.decision_id) for one in against
    }
