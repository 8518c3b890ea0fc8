"""The partition of linked accounts into communities, by whatever store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from linkage.detect.join import join_pieces
from linkage.detect.leiden import leiden
from linkage.kernels.forest import components
from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE

RESOLUTION = 1.0
"""Of the modularity that proposes pieces; `join` decides which belong together."""


def partition(links: LinkColumns, accounts: int, found: Mapping[int, int] | None = None) -> npt.NDArray[np.int32]:
    """Returns the community of each account, -1 for one without a link of grade `behaviour`.

    `found`: communities that the store found itself, by account number; None finds them here. Only
    components of four accounts or more are cut at all: a smaller one has no pieces.
    """
    links = links.take(links.grade == BEHAVIOUR_GRADE)
    community = np.full(accounts, -1, np.int32)
    if len(links) == 0:
        return community
    whole = components(links.a, links.b, accounts)
    size = np.bincount(whole, minlength=accounts)
    large = links.take(size[whole[links.a]] > 3)
    pieces = whole.copy()
    if len(large):
        named = leiden(large.a, large.b, large.bits, RESOLUTION) if found is None else found
        nodes = np.unique(np.concatenate((large.a, large.b)))
        pieces[nodes] = accounts + np.array([named[node] for node in nodes.tolist()], np.int32)
    linked = np.unique(np.concatenate((links.a, links.b)))
    _, numbers = np.unique(pieces[linked], return_inverse=True)
    community[linked] = numbers
    community[linked] = join_pieces(links.a, links.b, links.bits, community)[linked]
    return community


def communities(links: LinkColumns, accounts: int) -> npt.NDArray[np.int32]:
    """Returns the community of each account by Leiden alone, -1 for one without a link."""
    found = np.full(accounts, -1, np.int32)
    if len(links):
        named = leiden(links.a, links.b, links.bits, RESOLUTION)
        found[np.fromiter(named.keys(), np.int64, len(named))] = np.fromiter(named.values(), np.int64, len(named))
    return found
