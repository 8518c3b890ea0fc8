"""The wordings of a prompt: its words one by one, and those of the question apart from its wrapper. Compiled loops.

A question is asked bare, or in a wrapper that a ring may change as it likes: what fills a wrapper is therefore a
wording too, the same as that of the bare question.
"""

from __future__ import annotations

from typing import Any

import numba

from linkage.fingerprint.characters import ALONE
from linkage.fingerprint.folding import is_alnum
from linkage.fingerprint.scan import FIRST, LAST
from linkage.fingerprint.skeleton import LONGEST, SLOT, put_code, real_words, sort_segment
from linkage.fingerprint.words import WORD_END, WORD_START

WORDING = 120
"""First byte of a skeleton that is a wording: `x`."""

WORDING_WORDS, FILLING_WORDS = 6, 8
"""Fewest words that say something: of a whole prompt, and of what fills a wrapper."""

_BAR, _SPACE = 124, 32


@numba.njit(nogil=True)
def _put_run(codes: Any, first: Any, last: Any, sorts: Any, out: Any, at: Any) -> Any:
    """Writes every word between two places of the text; returns where the next goes and how many there were."""
    count, inside = 0, False
    for place in range(first, last):
        sort = sorts[codes[place]]
        if not is_alnum(sort):
            inside = False
            continue
        if not inside or sort == ALONE:
            count += 1
            out[at] = _SPACE
            at += 1
        inside = sort != ALONE
        at = put_code(codes[place], out, at)
    return at, count


@numba.njit(nogil=True)
def put_wording(codes: Any, count: Any, sorts: Any, out: Any, begin: Any) -> Any:
    """Writes every word of the prompt; returns where the next skeleton goes: here, if they are too few."""
    out[begin], out[begin + 1] = WORDING, _BAR
    at, words = _put_run(codes, 0, count, sorts, out, begin + 2)
    return at if words >= WORDING_WORDS else begin


@numba.njit(nogil=True)
def _filling(segments: Any, count: Any) -> Any:
    """The segment that fills the wrapper: the longest slot, where it is a sentence beside others; or -1."""
    longest, most, spoken = -1, 0, 0
    for row in range(count):
        spoken += real_words(segments, row) > 0
        length = segments[row, LAST] - segments[row, FIRST]
        if length > most and sort_segment(segments, row) == SLOT:
            longest, most = row, length
    return longest if spoken > 1 and most <= LONGEST else -1


@numba.njit(nogil=True)
def put_filling(codes: Any, words: Any, segments: Any, count: Any, sorts: Any, out: Any, begin: Any) -> Any:
    """Writes every word of what fills the wrapper, as a prompt of these words alone has them in its wording.

    Returns where the next skeleton goes: here, if there is no wrapper, no such sentence, or too few words in it.
    """
    row = _filling(segments, count)
    if row < 0:
        return begin
    out[begin], out[begin + 1] = WORDING, _BAR
    first, last = words[segments[row, FIRST], WORD_START], words[segments[row, LAST] - 1, WORD_END]
    at, many = _put_run(codes, first, last, sorts, out, begin + 2)
    return at if many >= FILLING_WORDS else begin
