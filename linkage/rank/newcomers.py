"""Cores that ask nothing twice, told by what they run on, how much they ask, and when they came.

A script with more questions than requests leaves no question that two of its accounts ask, and one template that all
do, which is as common as that of an honest application. What is left is infrastructure of two kinds in common, and
the conduct of newcomers who all at once ask far more than people do, day after day, with the same hands (`judge`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.rank.conduct import Conduct
from linkage.rank.judge import judge, without_conduct
from linkage.rank.layers import numbered

if TYPE_CHECKING:
    from linkage.settings import Settings
    from linkage.working.incidence import Incidence

Ints = npt.NDArray[np.int32]

_HELD = [FACETS.index(facet) for facet in (Facet.NETWORK, Facet.PAYMENT, Facet.DEVICE)]
_KINDS = 2
"""Facets of infrastructure that two accounts have in common at least."""

ROUNDS = 8


def cores_by_hands(
    incidence: Incidence,
    links: LinkColumns,
    core: Ints,
    conduct: Conduct,
    communities: Callable[[LinkColumns], Ints],
    settings: Settings,
) -> Ints:
    """Returns the cores (by account, -1 for none) with those that are told by their hands behind them.

    Members without conduct of their own leave, until none does.
    """
    free = (core < 0) & ~conduct.excused
    held = np.count_nonzero(links.facets[:, _HELD] >= 1000 * settings.facet_floor, axis=1) >= _KINDS
    some = links.take(held & free[links.a] & free[links.b])
    if len(some) == 0:
        return core
    group = numbered(communities(some), settings.min_ring)
    for left in range(ROUNDS, -1, -1):  # in the last round nobody leaves any more
        verdicts = judge(incidence, group, some, conduct)
        fresh = np.append(np.array([verdict.fresh for verdict in verdicts], bool), False)
        leaving = without_conduct(group, verdicts, settings.member_bits)
        leaving = leaving[fresh[group[leaving]]]
        if left == 0 or len(leaving) == 0:
            break
        group[leaving] = -1
        group = numbered(group, settings.min_ring)
    stands = [verdict.fresh and verdict.stands(settings.ring_bits) for verdict in verdicts]
    good = np.append(np.array(stands, bool), False)[group]
    return numbered(np.where(good, core.max(initial=-1) + 1 + group, core).astype(np.int32), settings.min_ring)
