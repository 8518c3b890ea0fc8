"""Rings cut where their accounts ask in forms that have nothing in common (see `pool`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS
from linkage.rank.layers import numbered
from linkage.rank.manner import WIDE
from linkage.rank.overlap import HARDLY, OWN, overlaps_held
from linkage.rank.pieces import parts_alone, pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage.rank.manner import Forms

Ints = npt.NDArray[np.int32]

BESIDE, LOOKS = 4, 32
"""So many accounts of its ring, behind it, each account is held to for each of its `LOOKS` most used forms."""


def formed(forms: Forms, ring: Ints, communities: Callable[[LinkColumns], Ints], least: int) -> Ints:
    """Returns the part of each account (from 0; -1 for none): rings cut where their accounts ask in forms of their own.

    Communities of accounts that use the same forms are put together again where their forms overlap at all. What is
    left apart is a part if it has forms of its own, by `OWN`; other accounts stay with the largest part of their ring.
    """
    near = _beside(forms, ring)
    if len(near) == 0:
        return ring
    block = numbered(parts_alone(near, ring, communities), least)
    return numbered(pieces(ring, _parts(forms, ring, block), least), least)


def _beside(forms: Forms, ring: Ints) -> LinkColumns:
    """Returns accounts with the next ones of their ring that use the same form, in thousandths of forms."""
    thing, account = _uses(forms, ring)
    order = np.lexsort((account, ring[account], thing))
    thing, account = thing[order], account[order]
    pairs = []
    for step in range(1, BESIDE + 1):
        a, b = account[:-step], account[step:]
        one = (thing[:-step] == thing[step:]) & (ring[a] == ring[b])
        pairs.append(a[one].astype(np.int64) * len(ring) + b[one])
    both, count = np.unique(np.concatenate(pairs), return_counts=True)
    a, b = (both // len(ring)).astype(np.int32), (both % len(ring)).astype(np.int32)
    empty = np.zeros((len(a), len(FACETS)), np.int32)
    return LinkColumns(a, b, (1000 * count).astype(np.int32), empty, np.zeros(len(a), np.uint8))


def _uses(forms: Forms, ring: Ints) -> tuple[Ints, Ints]:
    """Returns rows of a form that rings hold and an account of a ring that uses it, `LOOKS` of each account."""
    degree = np.diff(forms.of_thing)
    inside = np.concatenate((np.zeros(1, np.int64), np.cumsum(ring[forms.user] >= 0, dtype=np.int64)))
    wanted = (degree >= WIDE) & (2 * np.diff(inside[forms.of_thing]) >= degree)
    member = np.flatnonzero(ring >= 0)
    sizes = np.diff(forms.of_account)[member]
    rows = np.arange(int(sizes.sum())) + np.repeat(forms.of_account[member] - np.cumsum(sizes) + sizes, sizes)
    thing, account = forms.thing[rows], np.repeat(member, sizes).astype(np.int32)
    thing, account = thing[wanted[thing]], account[wanted[thing]]
    order = np.lexsort((thing, -degree[thing], account))
    thing, account = thing[order], account[order]
    begins = np.searchsorted(account, account)
    few = np.arange(len(account)) - begins < LOOKS
    return thing[few], account[few]


def _parts(forms: Forms, ring: Ints, block: Ints) -> Ints:
    """Returns the part of each account (-1 for none): blocks of a ring whose forms overlap, if they have any."""
    blocks = int(block.max(initial=-1)) + 1
    low, high, shared, within = overlaps_held(forms.users, block, blocks, WIDE)
    house = np.zeros(blocks, np.int32)
    house[block[block >= 0]] = ring[block >= 0]
    same = (house[low] == house[high]) & (shared >= HARDLY * np.sqrt(np.maximum(within[low] * within[high], 1e-12)))
    first = components(low[same].astype(np.int32), high[same].astype(np.int32), blocks)
    own = np.zeros(blocks)  # less than the parts have, which holds back
    np.add.at(own, first, within)
    return np.where(block >= 0, np.append(np.where(own[first] >= OWN, first, -1), -1)[block], -1).astype(np.int32)
