"""UTF-8 to folded characters, and what their spacing tells: compiled loops."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.fingerprint.characters import ALONE, DELETED, LETTER, SPACE, WIDE_LETTER, WIDE_SYMBOL

BLANK = 32


@numba.njit(inline="always")
def is_alnum(sort: Any) -> bool:
    return bool(LETTER <= sort <= ALONE)


@numba.njit(inline="always")
def is_blank(sort: Any) -> bool:
    return bool(sort >= SPACE)


@numba.njit(nogil=True)
def fold(data: Any, begin: Any, end: Any, folded: Any, codes: Any) -> Any:
    """Writes the folded characters of UTF-8 text to `codes`; returns how many.

    Several blanks become one.
    """
    count, at, last = 0, begin, np.uint16(0)
    while at < end:
        lead: Any = np.uint32(data[at])
        if lead < 0x80:
            code, at = lead, at + 1
        elif lead < 0xE0:
            code, at = ((lead & 0x1F) << 6) | (data[at + 1] & 0x3F), at + 2
        elif lead < 0xF0:
            code = ((lead & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F)
            at += 3
        else:
            low = ((data[at + 2] & 0x3F) << 6) | (data[at + 3] & 0x3F)
            plane = ((lead & 0x07) << 2) | ((data[at + 1] & 0x3F) >> 4)
            code = (WIDE_LETTER | (low & 0xFFF)) if plane in (2, 3) else WIDE_SYMBOL
            at += 4
        seen = folded[code]
        if seen != DELETED and (seen != BLANK or last != BLANK):
            codes[count] = last = seen
            count += 1
    return count


@numba.njit(nogil=True)
def loose_stops(codes: Any, count: Any, sorts: Any) -> Any:
    """Whether more commas and full stops stand after a space than after a word, as in tokenised corpora."""
    loose = tight = 0
    for at in range(1, count):
        if codes[at] == 46 or codes[at] == 44:
            if is_alnum(sorts[codes[at - 1]]):
                tight += 1
            elif at > 1 and sorts[codes[at - 1]] == SPACE and is_alnum(sorts[codes[at - 2]]):
                loose += 1
    return loose > tight
