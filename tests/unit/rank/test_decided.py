"""Decisions have the last word on rings as found, and every change is told."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from linkage.model.decisions import Decision, Ruling, groups
from linkage.model.kinds import Facet
from linkage.model.rings import Role
from linkage.rank.decided import Decided, decide
from linkage.rank.rings import FoundRing

NOW = datetime(2026, 5, 1, tzinfo=UTC)
NUMBERS = {f"a{number}": number for number in range(24)}
MIN_RING = 3


def _ring(*members: int, beside: tuple[int, ...] = ()) -> FoundRing:
    """Returns a ring in which a member has as many bits as its number."""
    roles = (Role.CORE,) * len(members) + (Role.BYSTANDER,) * len(beside)
    bits = tuple(float(one) for one in (*members, *beside))
    weakest = (Facet.NETWORK,) * len(members) + (None,) * len(beside)
    return FoundRing((*members, *beside), roles, bits, weakest, float(sum(members)), (Facet.NETWORK,))


def _made(ruling: Ruling, *accounts: int, ring_id: str = "") -> Decision:
    named = tuple(f"a{number}" for number in accounts)
    return Decision(f"{ruling} {accounts}", 1, ruling, named, ring_id, "ann", "seen it", NOW)


def _decide(rings: list[FoundRing], *decisions: Decision) -> Decided:
    return decide(rings, decisions, NUMBERS, MIN_RING)


def _sets(decided: Decided) -> list[set[int]]:
    return [set(ring.members) for ring in decided.rings]


LOW, HIGH = _ring(0, 1, 2, 3), _ring(10, 11, 12, 13, beside=(5, 20))


def test_without_decisions_rings_are_as_they_were_found() -> None:
    assert _decide([HIGH, LOW]) == Decided([HIGH, LOW], [])
    borne_out = (_made(Ruling.MUST_LINK, 0, 1), _made(Ruling.CANNOT_LINK, 0, 10), _made(Ruling.CONFIRMED, 0))
    assert _decide([HIGH, LOW], *borne_out, _made(Ruling.ALLOWED, 7)) == Decided([HIGH, LOW], [])


def test_who_is_allowed_or_innocent_is_no_member_and_evidence_is_told() -> None:
    for ruling in (Ruling.ALLOWED, Ruling.REJECTED):
        found = _decide([HIGH, LOW], _made(ruling, 0, 20))
        assert _sets(found) == [{10, 11, 12, 13}, {1, 2, 3}]
        assert [said for _, said in found.against] == ["evidence makes a0 a member of a ring of 4"]
        assert found.rings[0] is HIGH


def test_a_ring_that_has_become_too_small_goes() -> None:
    assert _sets(_decide([HIGH, LOW], _made(Ruling.ALLOWED, 0, 1))) == [{10, 11, 12, 13}]


def test_accounts_that_must_be_together_are_in_one_ring() -> None:
    joined = _decide([HIGH, LOW], _made(Ruling.MUST_LINK, 0, 10, 20))
    assert _sets(joined) == [{0, 1, 2, 3, 10, 11, 12, 13, 20}]
    (ring,) = joined.rings
    assert ring.accounts[-1] == 5, "a bystander stays one, a member is none"
    assert ring.score == LOW.score + HIGH.score
    assert (ring.roles[8], ring.bits[8], ring.weakest[8]) == (Role.MEMBER, 0.0, None)
    assert [said for _, said in joined.against] == [
        "evidence puts its accounts into 2 rings, and 1 of its accounts into none"
    ]
    alone = _decide([HIGH], _made(Ruling.MUST_LINK, 6, 7))
    assert _sets(alone) == [{10, 11, 12, 13}, {6, 7}]
    assert [said for _, said in alone.against] == ["evidence puts its accounts into no ring"]


def test_a_confirmed_ring_keeps_the_accounts_that_it_had() -> None:
    found = _decide([HIGH], _made(Ruling.CONFIRMED, 10, 11, 15, ring_id="r"))
    assert _sets(found) == [{10, 11, 12, 13, 15}]
    assert [said for _, said in found.against] == [
        "evidence puts its accounts into a ring, and 1 of its accounts into none"
    ]


def test_of_two_that_must_not_be_together_the_weaker_one_leaves() -> None:
    found = _decide([LOW], _made(Ruling.CANNOT_LINK, 1, 3))
    assert _sets(found) == [{0, 2, 3}]
    assert [said for _, said in found.against] == ["evidence puts a1 and a3 into one ring of 4"]


def test_who_must_be_with_one_that_leaves_goes_with_it() -> None:
    found = _decide([LOW], _made(Ruling.CANNOT_LINK, 1, 3), _made(Ruling.MUST_LINK, 0, 1))
    assert _sets(found) == [{0, 1}], "a ring of two that was left over is too small, one that a decision holds is not"
    assert _sets(_decide([_ring(0, 1, 2, 3, 4)], _made(Ruling.CANNOT_LINK, 1, 3), _made(Ruling.MUST_LINK, 0, 1))) == [
        {2, 3, 4},
        {0, 1},
    ]


def test_decisions_that_contradict_one_another_are_told_and_those_that_protect_win() -> None:
    found = _decide([LOW], _made(Ruling.MUST_LINK, 0, 1), _made(Ruling.CANNOT_LINK, 0, 1))
    assert _sets(found) == [{1, 2, 3}]
    assert any("contradicts must-link" in said for _, said in found.against)
    cleared = _decide([LOW], _made(Ruling.MUST_LINK, 0, 1), _made(Ruling.ALLOWED, 0))
    assert _sets(cleared) == [{1, 2, 3}]


def test_what_evidence_does_not_know_is_told() -> None:
    lost = Decision("lost", 1, Ruling.MUST_LINK, ("a0", "nobody"), "", "ann", "seen it", NOW)
    found = _decide([LOW], lost, _made(Ruling.CONFIRMED, 7))
    assert found.rings == [LOW]
    assert [said for _, said in found.against] == ["nobody is not in the store", "evidence puts a7 into no ring"]


ACCOUNTS = st.lists(st.integers(0, 11), min_size=2, max_size=3, unique=True)
DECISIONS = st.lists(
    st.builds(
        lambda ruling, accounts: _made(ruling, *accounts),
        st.sampled_from([Ruling.MUST_LINK, Ruling.CANNOT_LINK, Ruling.ALLOWED, Ruling.REJECTED]),
        ACCOUNTS,
    ),
    max_size=6,
)
HOMES = st.lists(st.integers(0, 2), min_size=12, max_size=12)


@given(homes=HOMES, decisions=DECISIONS)
def test_no_decision_is_ever_broken_in_silence(homes: list[int], decisions: list[Decision]) -> None:
    rings = [_ring(*(at for at, home in enumerate(homes) if home == one)) for one in (1, 2) if one in homes]
    found = decide(rings, decisions, NUMBERS, MIN_RING)
    home = {account: at for at, ring in enumerate(found.rings) for account in ring.members}
    assert len(home) == sum(len(ring.members) for ring in found.rings), "an account is in one ring"
    told = {decision.decision_id for decision, _ in found.against}
    group = groups(decisions)
    for decision in decisions:
        numbers = [NUMBERS[account] for account in decision.accounts]
        inside = [home[number] for number in numbers if number in home]
        if decision.clears:
            assert not inside
        elif decision.ruling is Ruling.CANNOT_LINK:
            assert len(inside) == len(set(inside))
        elif len(inside) < len(numbers) or len(set(inside)) > 1:
            name = group[decision.accounts[0]]
            others = [one for one in decisions if one.decision_id in told and not one.binds]
            assert any(group.get(account) == name for one in others for account in one.accounts)
