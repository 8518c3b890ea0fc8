"""All skeletons of all prompts of a batch: compiled loops."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.fingerprint.folding import fold, loose_stops
from linkage.fingerprint.lexicon import CORE, SOFT
from linkage.fingerprint.scan import FIRST, LAST, SEGMENT_COLUMNS, TALLY, scan
from linkage.fingerprint.skeleton import (
    EDGES,
    ENOUGH,
    FRAME_WEIGHT,
    LONGEST,
    SPOKEN,
    TALLY_SLOTS,
    WEIGHT,
    known_words,
    put_middles,
    put_part,
    put_words,
    real_words,
    score,
    sort_segment,
)
from linkage.fingerprint.wording import put_filling, put_wording
from linkage.fingerprint.words import LETTERED, SEGMENTS, STATE_SLOTS

FRAME, HEAD, TAIL = 102, 104, 116
"""First byte of a skeleton of a template, which tells its sort: `f`, `h`, `t`."""

MOST = 5
"""Most skeletons of a prompt: a light frame, head, tail, the wording and the filling."""

EDGE_WORDS, PLAIN_EDGE_WORDS = 5, 8
"""Fewest words of a head or tail that stands alone: with a word of instructions in it, or without."""

COMPILED_FROM = "d4f3fd2458373497"
"""Digest of the modules that are compiled into this one. numba keeps what it compiled until this very file
changes, so a test asks for a new digest here whenever one of those does."""

_BAR, _ZERO = 124, 48


@numba.njit(inline="always")
def _open(sort: Any, style: Any, out: Any, at: Any) -> Any:
    out[at] = sort
    out[at + 1] = _ZERO + style
    out[at + 2] = _BAR
    return at + 3


@numba.njit(nogil=True)
def _edges(segments: Any, count: Any) -> Any:
    """How many segments from the start, and from where to the end, are instructions or labels."""
    first, last, weight = 0, count, 0
    while first < count and weight < ENOUGH and sort_segment(segments, first):
        weight += score(segments, first)
        first += 1
    weight = 0
    while last > first and weight < ENOUGH and sort_segment(segments, last - 1):
        last -= 1
        weight += score(segments, last)
    return first, last


@numba.njit(nogil=True)
def _put_frame(
    codes: Any, words: Any, segments: Any, count: Any, lexicon: Any, style: Any, out: Any, at: Any, tally: Any
) -> Any:
    """Writes head, middle and tail of the fixed text; `tally` is its weight and its core beyond labels."""
    first, last = _edges(segments, count)
    tally[:] = 0
    at = _open(FRAME, style, out, at)
    for row in range(first):
        at = put_part(codes, words, segments, row, lexicon, out, at, tally)
    out[at] = _BAR
    at = put_middles(codes, words, segments, first, last, lexicon, out, at + 1, tally)
    out[at] = _BAR
    at += 1
    tally[EDGES] = first + count - last
    for row in range(last, count):
        at = put_part(codes, words, segments, row, lexicon, out, at, tally)
    return at


@numba.njit(nogil=True)
def _put_edge(
    codes: Any,
    words: Any,
    segments: Any,
    first: Any,
    last: Any,
    lexicon: Any,
    sort: Any,
    style: Any,
    out: Any,
    begin: Any,
) -> Any:
    """Writes the segments of a head or tail word by word; nothing if they are too long or say too little."""
    real = spoken = length = 0
    for row in range(first, last):
        real += real_words(segments, row)
        spoken += segments[row, TALLY + SOFT] + segments[row, TALLY + CORE]
        length += segments[row, LAST] - segments[row, FIRST]
    if length > LONGEST or real < EDGE_WORDS or (spoken == 0 and real < PLAIN_EDGE_WORDS):
        return begin
    at = _open(sort, style, out, begin)
    for row in range(first, last):
        at = put_words(codes, words, segments[row, FIRST], segments[row, LAST], lexicon, True, out, at)[0]
    return at


@numba.njit(nogil=True)
def _put_edges(
    codes: Any,
    words: Any,
    segments: Any,
    count: Any,
    lexicon: Any,
    style: Any,
    out: Any,
    ends: Any,
    made: Any,
) -> Any:
    """Writes the first segment, with those after it while it is short, and the last; returns how many skeletons."""
    begin = ends[made - 1] if made else 0
    first, real = 0, 0
    while first < count and real < EDGE_WORDS:
        real += real_words(segments, first)
        first += 1
    end = _put_edge(codes, words, segments, 0, first, lexicon, HEAD, style, out, begin)
    if end > begin:
        ends[made] = begin = end
        made += 1
    if first < count:
        end = _put_edge(codes, words, segments, count - 1, count, lexicon, TAIL, style, out, begin)
        if end > begin:
            ends[made] = end
            made += 1
    return made


@numba.njit(nogil=True)
def _put_template(
    codes: Any,
    words: Any,
    segments: Any,
    state: Any,
    lexicon: Any,
    loose: Any,
    out: Any,
    ends: Any,
    made: Any,
    tally: Any,
) -> Any:
    """Writes the frame, or what stands in its stead; returns how many skeletons there are now."""
    count = state[SEGMENTS]
    begin = ends[made - 1] if made else 0
    if count == 0:
        return made
    if count == 1 and (segments[0, TALLY + CORE] < 2 or known_words(segments, 0) < EDGE_WORDS):
        return made
    style = 2 * (state[LETTERED] >= 2) + loose
    at = _put_frame(codes, words, segments, count, lexicon, style, out, begin, tally)
    if tally[WEIGHT] >= FRAME_WEIGHT or (tally[SPOKEN] >= 2 and tally[EDGES] > 0):
        ends[made] = begin = at
        made += 1
    if tally[WEIGHT] >= FRAME_WEIGHT:
        return made
    return _put_edges(codes, words, segments, count, lexicon, style, out, ends, made)


@numba.njit(cache=True, nogil=True)
def skeletons(text: Any, first: Any, tables: Any, lexicon: Any, longest: Any, out: Any, ends: Any, rows: Any) -> Any:
    """Writes the skeletons of the rows from `first` on until `out` or `ends` might not hold another row's.

    `text`: StringBuffers; `tables`: Characters; `longest`: most bytes of a row. Skeleton i is
    `out[ends[i - 1]:ends[i]]` and belongs to `rows[i]`. Returns the row to go on with and how many there are.
    """
    data, offsets, valid, shift = text
    folded, sorts = tables
    codes = np.empty(longest + 1, np.uint16)
    words = np.empty((longest + 2, 4), np.int32)
    segments = np.zeros((longest + 2, SEGMENT_COLUMNS), np.int32)
    state = np.zeros(STATE_SLOTS, np.int64)
    tally = np.zeros(TALLY_SLOTS, np.int64)
    made = 0
    for row in range(first, len(offsets) - 1):
        begin = ends[made - 1] if made else 0
        if made + MOST > len(ends) or begin + room(offsets[row + 1] - offsets[row]) > len(out):
            return row, made
        bit = row + shift
        if len(valid) > 0 and not (valid[bit >> 3] >> (bit & 7)) & 1:
            continue
        before = made
        count = fold(data, offsets[row], offsets[row + 1], folded, codes)
        scan(codes, count, sorts, lexicon, words, segments, state)
        loose = loose_stops(codes, count, sorts)
        made = _put_template(codes, words, segments, state, lexicon, loose, out, ends, made, tally)
        begin = ends[made - 1] if made else 0
        end = put_wording(codes, count, sorts, out, begin)
        if end > begin:
            ends[made] = begin = end
            made += 1
        end = put_filling(codes, words, segments, state[SEGMENTS], sorts, out, begin)
        if end > begin:
            ends[made] = end
            made += 1
        rows[before:made] = row
    return len(offsets) - 1, made


@numba.njit(inline="always")
def room(length: Any) -> Any:
    """Bytes that the skeletons of a prompt of this many bytes may take: each is shorter than twice it."""
    return 4 * MOST * length + 1024
