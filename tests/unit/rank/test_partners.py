"""Who shares most with whom, against a plain account of it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from planted_uses import PROMPT, Use, incidence_of

from linkage.model.kinds import Facet
from linkage.rank.partners import PARTNERS, partners
from linkage.rank.rare import RareUses

ACCOUNTS, THINGS, RINGS = 60, 150, 2


def _plainly(uses: list[Use], ring: list[int]) -> dict[tuple[int, int], int]:
    """Returns the pairs that one of the two holds to, in thousandths."""
    users = defaultdict(list)
    for account, thing, _ in uses:
        users[thing].append(account)
    weight: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for thing in sorted(users):
        for one in users[thing]:
            for other in users[thing]:
                if one != other and ring[one] == ring[other] >= 0:
                    weight[one][other] += 1 / (len(users[thing]) - 1)
    found: dict[tuple[int, int], int] = {}
    for one, others in sorted(weight.items()):
        for other in sorted(others, key=lambda account: (-others[account], account))[:PARTNERS]:
            found.setdefault((min(one, other), max(one, other)), max(round(1000 * others[other]), 1))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_partners_are_those_with_whom_most_is_shared(seed: int) -> None:
    chance = np.random.default_rng(seed)
    uses = [
        (int(account), thing, 1)
        for thing in range(THINGS)
        for account in chance.choice(ACCOUNTS, int(chance.integers(2, 9)), replace=False)
    ]
    ring = chance.integers(-1, RINGS, ACCOUNTS).astype(np.int32)
    rare = RareUses.of(incidence_of(ACCOUNTS, [PROMPT] * THINGS, uses), (Facet.CONTENT,))
    found = partners(rare, ring, THINGS)
    assert dict(zip(zip(found.a.tolist(), found.b.tolist(), strict=True), found.bits.tolist(), strict=True)) == (
        _plainly(uses, ring.tolist())
    )
