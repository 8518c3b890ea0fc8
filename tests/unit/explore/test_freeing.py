"""The smallest loss that frees an account, against all sets there are."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.explore import freeing
from linkage.explore.freeing import Shared, hitting_set, smallest_loss

THINGS = "abcdefgh"
NEEDED = 10.0

shared_things = st.dictionaries(
    st.sampled_from("xyzw"),
    st.dictionaries(st.sampled_from(THINGS), st.integers(1, 9).map(float), max_size=7),
    max_size=4,
)


def by_sum(shared: Shared) -> freeing.Links:
    """Returns what links two accounts whose things, the strongest two apart from others, come to NEEDED."""

    def links(other: str, kept: Collection[str]) -> bool:
        return len(kept) >= 2 and sum(shared[other][thing] for thing in kept) >= NEEDED

    return links


def frees(shared: Shared, lost: Collection[str]) -> bool:
    links = by_sum(shared)
    return not any(links(one, [thing for thing in things if thing not in lost]) for one, things in shared.items())


@given(shared_things)
@settings(max_examples=200, deadline=None)
def test_no_smaller_set_frees_and_this_one_does(shared: dict[str, dict[str, float]]) -> None:
    loss = smallest_loss(shared, by_sum(shared))
    assert loss.exact
    assert frees(shared, loss.things)
    for size in range(len(loss.things)):
        assert not any(frees(shared, lost) for lost in combinations(THINGS, size))


@given(shared_things)
@settings(max_examples=100, deadline=None)
def test_where_reasons_run_out_it_says_so_and_still_frees(shared: dict[str, dict[str, float]]) -> None:
    exact = smallest_loss(shared, by_sum(shared))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freeing, "MOST_REASONS", 1)
        loss = smallest_loss(shared, by_sum(shared))
    assert frees(shared, loss.things)
    assert loss.at_least <= len(exact.things) <= len(loss.things)
    assert all(not frees(shared, set(loss.things) - {thing}) for thing in loss.things)


@given(st.lists(st.frozensets(st.sampled_from(THINGS), min_size=1, max_size=4), max_size=9))
@settings(max_examples=200, deadline=None)
def test_the_hitting_set_is_the_smallest(reasons: list[frozenset[str]]) -> None:
    found, proven = hitting_set(reasons, THINGS)
    assert proven
    assert all(found & reason for reason in reasons)
    for size in range(len(found)):
        for tried in combinations(THINGS, size):
            assert not all(reason.intersection(tried) for reason in reasons)


def test_who_is_linked_to_nobody_is_free() -> None:
    loss = smallest_loss({"x": {"a": 1.0}}, lambda _, kept: len(kept) > 1)
    assert (loss.things, loss.at_least, loss.exact) == ((), 0, True)
