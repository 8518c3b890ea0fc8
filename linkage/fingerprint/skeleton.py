"""The skeletons of a prompt: its fixed text with the slots left out, as text to be hashed. Compiled loops.

A prompt has up to five: its frame, or in its stead its first and its last segment, its whole wording, and the words of
what fills its frame.
`docs/fingerprint.md` says why each rule is as it is.
"""

from __future__ import annotations

from typing import Any

import numba

from linkage.fingerprint.lexicon import CORE, FUNCTION, MASK, NUMBER, SOFT, UNKNOWN
from linkage.fingerprint.scan import AT_LINE, FIRST, LAST, TALLY, TERM
from linkage.fingerprint.words import COLON, WORD_CLASS, WORD_END, WORD_SLOT, WORD_START

SLOT, INSTRUCTION, LABEL = range(3)
"""What a segment is taken for."""

LONGEST = 30
"""Most words of a segment that can be fixed text."""

WEIGHTS = (0, 3, 10, 20, 0, 0)
"""Weight of a word of each class, in tenths."""

FRAME_WEIGHT = 70
"""From this weight on a frame stands alone."""

ENOUGH = 30
"""A head or tail grows over further instructions until it weighs this, soft words 10 and core words 20."""

MIDDLES = 6
"""Most labels and instructions that a frame takes from the middle."""

WEIGHT, SPOKEN, EDGES, STARTS = range(4)
"""Slots of the tally: weight so far, core words beyond labels, segments in head and tail, and from `STARTS`
on where each part of the middle begins."""

TALLY_SLOTS = STARTS + MIDDLES + 1

_GAP, _HASH, _SPACE, _END, _BAR, _LEAD = 95, 35, 32, 47, 124, 62  # _ # blank / | >


@numba.njit(inline="always")
def known_words(segments: Any, row: Any) -> Any:
    return segments[row, TALLY + FUNCTION] + segments[row, TALLY + SOFT] + segments[row, TALLY + CORE]


@numba.njit(inline="always")
def real_words(segments: Any, row: Any) -> Any:
    return segments[row, TALLY + UNKNOWN] + known_words(segments, row)


@numba.njit(inline="always")
def score(segments: Any, row: Any) -> Any:
    return 10 * segments[row, TALLY + SOFT] + 20 * segments[row, TALLY + CORE]


@numba.njit(nogil=True)
def sort_segment(segments: Any, row: Any) -> Any:
    """Returns whether a segment is a label, an instruction or the content of a slot."""
    real, core = real_words(segments, row), segments[row, TALLY + CORE]
    if real > LONGEST or core == 0:
        return SLOT
    if segments[row, TERM] == COLON and real <= 4 and segments[row, TALLY + UNKNOWN] == 0:
        return LABEL
    return INSTRUCTION if 10 * known_words(segments, row) >= 9 * real and score(segments, row) >= 30 else SLOT


@numba.njit(inline="always")
def put_code(code: Any, out: Any, at: Any) -> Any:
    """Writes one character as UTF-8; returns where the next goes."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 0x3F)
        return at + 2
    out[at] = 0xE0 | (code >> 12)
    out[at + 1] = 0x80 | ((code >> 6) & 0x3F)
    out[at + 2] = 0x80 | (code & 0x3F)
    return at + 3


@numba.njit(inline="always")
def _put_word(codes: Any, begin: Any, end: Any, out: Any, at: Any) -> Any:
    for place in range(begin, end):
        at = put_code(codes[place], out, at)
    return at


@numba.njit(nogil=True)
def put_words(codes: Any, words: Any, first: Any, last: Any, lexicon: Any, literal: bool, out: Any, at: Any) -> Any:
    """Writes words, each with a blank after it; slots as one `_`, unless `literal` keeps unknown words.

    Returns where the next goes, the weight in tenths, how many were written and how many of them are core.
    """
    weight = written = core = 0
    gap = False
    _, _, dropped, starts, ends, text = lexicon  # taken apart once: each access to a tuple of arrays costs
    for row in range(first, last):
        kind = words[row, WORD_CLASS]
        slot = words[row, WORD_SLOT]
        if slot >= 0 and dropped[slot]:
            continue
        if kind in (MASK, NUMBER) or (kind == UNKNOWN and not literal):
            if gap:
                continue
            gap = True
            out[at] = _HASH if literal and kind == NUMBER else _GAP
            at += 1
        else:
            gap = False
            if slot >= 0:
                at = _put_word(text, starts[slot], ends[slot], out, at)
            else:
                at = _put_word(codes, words[row, WORD_START], words[row, WORD_END], out, at)
        weight += WEIGHTS[kind]
        core += kind == CORE
        written += 1
        out[at] = _SPACE
        at += 1
    return at, weight, written, core


@numba.njit(nogil=True)
def put_part(codes: Any, words: Any, segments: Any, row: Any, lexicon: Any, out: Any, at: Any, tally: Any) -> Any:
    """Writes one segment of a frame; adds its weight and, beyond labels of two words, its core to `tally`."""
    at, weight, written, core = put_words(
        codes, words, segments[row, FIRST], segments[row, LAST], lexicon, False, out, at
    )
    tally[WEIGHT] += weight
    if written > 2:
        tally[SPOKEN] += core
    out[at] = _END
    return at + 1


@numba.njit(nogil=True)
def _lead_end(words: Any, segments: Any, row: Any) -> Any:
    """Where the known words that open a segment end, if at least two of them are core; else its start."""
    word, core = segments[row, FIRST], 0
    while word < segments[row, LAST] and FUNCTION <= words[word, WORD_CLASS] <= CORE:
        core += words[word, WORD_CLASS] == CORE
        word += 1
    return word if core >= 2 else segments[row, FIRST]


@numba.njit(nogil=True)
def _put_middle(codes: Any, words: Any, segments: Any, row: Any, lexicon: Any, out: Any, at: Any, tally: Any) -> Any:
    """Writes what of a segment between head and tail is fixed: a label, an instruction, how a line begins."""
    sort = sort_segment(segments, row)
    sure = (
        segments[row, TALLY + CORE] >= 2
        and segments[row, TALLY + UNKNOWN] == 0
        and 3 <= real_words(segments, row) <= LONGEST
    )
    if sure or (sort == LABEL and segments[row, AT_LINE]):
        return put_part(codes, words, segments, row, lexicon, out, at, tally)
    end = _lead_end(words, segments, row)
    if not segments[row, AT_LINE] or end == segments[row, FIRST]:
        return at
    out[at] = _LEAD
    at, weight, written, core = put_words(codes, words, segments[row, FIRST], end, lexicon, False, out, at + 1)
    tally[WEIGHT] += weight
    if written > 1:
        tally[SPOKEN] += core
    out[at] = _END
    return at + 1


@numba.njit(nogil=True)
def _repeats(out: Any, tally: Any, count: Any, begin: Any, end: Any) -> bool:
    """Whether the part just written, `out[begin:end]`, is one of the `count` before it."""
    for part in range(STARTS, STARTS + count):
        if tally[part + 1] - tally[part] == end - begin:
            place = 0
            while place < end - begin and out[tally[part] + place] == out[begin + place]:
                place += 1
            if place == end - begin:
                return True
    return False


@numba.njit(nogil=True)
def put_middles(
    codes: Any, words: Any, segments: Any, first: Any, last: Any, lexicon: Any, out: Any, at: Any, tally: Any
) -> Any:
    """Writes the fixed text between head and tail, each part once."""
    count = 0
    tally[STARTS] = at
    for row in range(first, last):
        if count == MIDDLES:
            break
        weight, core = tally[WEIGHT], tally[SPOKEN]
        end = _put_middle(codes, words, segments, row, lexicon, out, at, tally)
        if end > at and _repeats(out, tally, count, at, end):
            tally[WEIGHT], tally[SPOKEN] = weight, core
        elif end > at:
            at, count = end, count + 1
            tally[STARTS + count] = at
    return at
