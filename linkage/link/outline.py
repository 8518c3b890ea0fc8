"""What two accounts can share at most, told from one row of each: most pairs that meet are seen to be no link.

A row of an outline is eight words, as much as a processor fetches at once: for the facets payment, device and
profile a word in which each thing of the account sets a bit, one such word for content, and what the four facets
of infrastructure can give at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.model.kinds import FACETS, Facet

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

Outline = npt.NDArray[np.uint64]

_NETWORK = FACETS.index(Facet.NETWORK)
_FEW = (Facet.PAYMENT, Facet.DEVICE, Facet.PROFILE)  # facets of which an account has a few things
_MARKED = np.array([_FEW.index(facet) if facet in _FEW else len(_FEW) for facet in FACETS], np.int64)
_CONTENT = len(_FEW)  # the word of content; those behind it hold what facets give at most, network last
_WORDS = 8
_ONE, _U63 = np.uint64(1), np.uint64(63)
_MIX, _TOP = np.uint64(0x9E3779B97F4A7C15), np.uint64(58)  # Fibonacci hashing (Knuth 1973, 6.4): neighbours fall apart


def outline(incidence: Incidence, facet_of: npt.NDArray[np.int64], cap: int) -> Outline:
    """Returns accounts x 8 words; `facet_of` is the facet of a kind, none gives more than `cap` millibits."""
    lists = incidence.of_account, incidence.of_content, incidence.thing
    weights = incidence.kind, incidence.millibits, incidence.breadth, facet_of
    found: Outline = _outline(lists, weights, _MARKED, cap)
    return found


@numba.njit(cache=True, nogil=True)
def _outline(lists: Any, weights: Any, marked: Any, cap: int) -> Any:
    of_account, of_content, thing = lists
    kind, millibits, breadth, facet_of = weights
    out = np.zeros((len(of_account) - 1, _WORDS), np.uint64)
    for a in range(len(out)):
        begin, end = of_account[a], of_content[a]
        for row in range(begin, end):
            one = thing[row]
            if row > begin and thing[row - 1] == one:
                continue
            facet = facet_of[kind[one]]
            word = marked[facet]
            most = np.int64(out[a, _CONTENT + 1 + word]) + max(0, millibits[one] - breadth[a, facet])
            out[a, _CONTENT + 1 + word] = np.uint64(min(cap, most))
            if word < _CONTENT:
                out[a, word] |= _ONE << (np.uint64(one) * _MIX >> _TOP)
        for row in range(end, of_account[a + 1]):
            out[a, _CONTENT] |= _ONE << (np.uint64(thing[row]) * _MIX >> _TOP)
    return out


@numba.njit(inline="always")
def few_in_common(a: int, b: int, outlines: Any) -> int:
    """Returns the most millibits that the facets of few things can give to two accounts together."""
    total = np.uint64(0)
    for word in range(_CONTENT):
        if outlines[a, word] & outlines[b, word]:
            total += min(outlines[a, _CONTENT + 1 + word], outlines[b, _CONTENT + 1 + word])
    return np.int64(total)  # type: ignore[return-value] # compiled


@numba.njit(inline="always")
def network_in_common(a: int, b: int, outlines: Any) -> int:
    """Returns the most millibits that the network facet can give to two accounts."""
    return np.int64(min(outlines[a, _WORDS - 1], outlines[b, _WORDS - 1]))  # type: ignore[return-value] # compiled


@numba.njit(inline="always")
def may_share_content(a: int, b: int, outlines: Any) -> bool:
    """Whether two accounts may share content; False is certain."""
    return outlines[a, _CONTENT] & outlines[b, _CONTENT] != 0  # type: ignore[no-any-return] # compiled
