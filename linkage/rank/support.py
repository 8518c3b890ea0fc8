"""Support of one's own: an account belongs to a ring only if two of its members vouch for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import VOUCHERS


def supported(links: LinkColumns, community: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Returns which links remain when accounts with fewer than two links inside are left out, again and again.

    That is the 2-core of each community; `community` is by account number, -1 for none.
    """
    inside: npt.NDArray[np.bool_] = (community[links.a] == community[links.b]) & (community[links.a] >= 0)
    while True:
        degree = np.bincount(links.a[inside], minlength=len(community))
        degree += np.bincount(links.b[inside], minlength=len(community))
        weak = inside & ((degree[links.a] < VOUCHERS) | (degree[links.b] < VOUCHERS))
        if not weak.any():
            return inside
        inside &= ~weak
