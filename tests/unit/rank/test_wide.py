"""Things that too many use to be rare count for the layers where groups hold half of their users."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.rank.rare import RARE
from linkage.rank.wide import Users, held


def _users(*things: range) -> Users:
    bounds = np.cumsum([0, *map(len, things)]).astype(np.int64)
    return Users(bounds, np.concatenate([np.array(thing, np.int32) for thing in things]))


def test_a_pool_that_groups_hold_counts_and_a_public_place_does_not() -> None:
    group = np.full(1000, -1, np.int32)
    group[:60], group[60:100] = 0, 1
    users = _users(range(RARE), range(30, 130), range(40, 190), range(100))
    found = held(users, group, 2)
    rows = [
        dict(zip(found.group[one:two].tolist(), found.count[one:two].tolist(), strict=True))
        for one, two in zip(found.begin, found.end, strict=True)
    ]
    # a rare thing is counted elsewhere, and of the third 60 of 150 users are in groups
    assert rows == [{0: 30, 1: 40}, {0: 60, 1: 40}]
    assert found.degree.tolist() == [100, 100]


@pytest.mark.parametrize("groups", [0, 3])
def test_nothing_is_held_where_nobody_is_in_a_group(groups: int) -> None:
    found = held(_users(range(200)), np.full(300, -1, np.int32), groups)
    assert len(found.begin) == len(found.group) == 0
