"""The partition of linked accounts into communities, by whatever store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from linkage.detect.join import join_pieces
from linkage.detect.leiden import leiden
from linkage.detect.pieces import LARGE, MOST_LINKS, RESOLUTION, by_least, held_together, pieces
from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE


def partition(
    links: LinkColumns, accounts: int, found: Mapping[int, int] | None = None, most: int = MOST_LINKS
) -> npt.NDArray[np.int32]:
    """Returns the community of each account, -1 for one without a link of grade `behaviour`.

    `found`: communities that somebody else found, by account number; None finds them here. Only components of
    four accounts or more are cut at all: a smaller one has no pieces. `most`: see `pieces`.
    """
    links = links.take(links.grade == BEHAVIOUR_GRADE)
    community = np.full(accounts, -1, np.int32)
    if len(links) == 0:
        return community
    named = _pieces(links, accounts, most) if found is None else _given(links, accounts, found)
    linked = np.unique(np.concatenate((links.a, links.b)))
    _, numbers = np.unique(named[linked], return_inverse=True)
    community[linked] = numbers
    community[linked] = join_pieces(links.a, links.b, links.bits, community)[linked]
    return community


def _pieces(links: LinkColumns, accounts: int, most: int) -> npt.NDArray[np.int32]:
    """Returns the piece of each account by its least one."""
    whole, kept = held_together(links.a, links.b, links.bits, accounts, most)
    size = np.bincount(whole, minlength=accounts)
    rows = np.flatnonzero(kept & (size[whole[links.a]] >= LARGE))
    a, b, bits = links.a[rows], links.b[rows], links.bits[rows]
    nodes, names = pieces(a, b, bits, whole[a], int(bits.sum(dtype=np.int64)))
    named = whole.copy()
    named[nodes] = names
    return named


def _given(links: LinkColumns, accounts: int, found: Mapping[int, int]) -> npt.NDArray[np.int32]:
    """Returns the piece of each account by its least one, as it was found in large components."""
    whole = components(links.a, links.b, accounts)
    large = links.take(np.bincount(whole, minlength=accounts)[whole[links.a]] >= LARGE)
    nodes = np.unique(np.concatenate((large.a, large.b)))
    named = whole.copy()
    if len(nodes):
        named[nodes] = by_least(nodes, np.array([found[node] for node in nodes.tolist()], np.int64))
    return named


def communities(links: LinkColumns, accounts: int) -> npt.NDArray[np.int32]:
    """Returns the community of each account by Leiden alone, -1 for one without a link."""
    found = np.full(accounts, -1, np.int32)
    if len(links):
        named = leiden(links.a, links.b, links.bits, RESOLUTION)
        found[np.fromiter(named.keys(), np.int64, len(named))] = np.fromiter(named.values(), np.int64, len(named))
    return found
