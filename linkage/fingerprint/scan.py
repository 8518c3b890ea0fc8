"""A prompt as words and segments: compiled loops.

A segment is what stands between two of: the ends of the prompt, a line break, a tag, a quotation mark without
its partner, or one of `.?!:;` before white space.
"""

from __future__ import annotations

from typing import Any

import numba

from linkage.fingerprint.characters import ALONE, LETTER, LINE, SPACE
from linkage.fingerprint.folding import is_alnum, is_blank
from linkage.fingerprint.lexicon import MASK, NUMBER
from linkage.fingerprint.words import (
    COLON,
    LETTERED,
    LINE_OPEN,
    OPEN,
    QUOTE,
    SEGMENTS,
    SLASH,
    TAG_OPEN,
    UNPAIRED,
    WORD_CLASS,
    WORD_END,
    WORD_START,
    WORDS,
    chunk,
    close_quote,
    ends_plainly,
    push,
    push_known,
    run,
    stops,
    tag_end,
    take_word,
)

FIRST, LAST, AT_LINE, TERM, TALLY = 0, 1, 2, 3, 4
"""Columns of segments: words [first, last), whether it opens a line, what ends it (0: nothing), and from
`TALLY` on how many of its words are of each of the six classes."""

SEGMENT_COLUMNS = TALLY + 6

_LETTER_A = 97


@numba.njit(nogil=True)
def _is_letter_of_list(codes: Any, count: Any, words: Any, row: Any) -> bool:
    begin, end = words[row, WORD_START], words[row, WORD_END]
    if end - begin != 1 or end >= count or not 0 <= codes[begin] - _LETTER_A < 5:
        return False
    return bool(codes[end] == 46 or codes[end] == COLON or codes[end] == 41)  # . : )


@numba.njit(nogil=True)
def _close(codes: Any, count: Any, words: Any, segments: Any, state: Any, term: Any) -> None:
    """Ends the open segment; one that holds no word but a mark of a list, numbers and masks is left out."""
    first, last = state[OPEN], state[WORDS]
    if state[LINE_OPEN] and first < last and _is_letter_of_list(codes, count, words, first):
        state[LETTERED] += 1
        first += 1
    while state[LINE_OPEN] and first < last and words[first, WORD_CLASS] == NUMBER:
        first += 1
    row = state[SEGMENTS]
    for column in range(TALLY, SEGMENT_COLUMNS):
        segments[row, column] = 0
    for word in range(first, last):
        segments[row, TALLY + words[word, WORD_CLASS]] += 1
    if last - first == segments[row, TALLY + MASK] + segments[row, TALLY + NUMBER]:
        state[WORDS] = state[OPEN]
        return
    segments[row, FIRST] = first
    segments[row, LAST] = last
    segments[row, AT_LINE] = state[LINE_OPEN]
    segments[row, TERM] = term
    state[SEGMENTS] = row + 1
    state[OPEN] = last
    state[LINE_OPEN] = 0


@numba.njit(inline="always")
def _last_stop(codes: Any, at: Any, sorts: Any) -> Any:
    """The stop that is the last character before here but for blanks, or 0."""
    at -= 1
    while at >= 0 and sorts[codes[at]] == SPACE:
        at -= 1
    return codes[at] if at >= 0 and stops(codes[at]) else 0


@numba.njit(inline="always")
def _new_line(codes: Any, count: Any, words: Any, segments: Any, state: Any, term: Any) -> None:
    _close(codes, count, words, segments, state, term)
    state[LINE_OPEN] = 1


@numba.njit(nogil=True)
def _tag(
    codes: Any,
    at: Any,
    count: Any,
    sorts: Any,
    hashes: Any,
    classes: Any,
    words: Any,
    segments: Any,
    state: Any,
) -> Any:
    """Takes in the tag that starts here, if one does: a label by itself, or if it closes, the end of a segment.

    Returns where it ends.
    """
    end = tag_end(codes, at, count, sorts)
    if end < 0:
        return at
    _new_line(codes, count, words, segments, state, 0)
    if codes[at + 1] != SLASH:
        at += 1
        while at < end:
            at = take_word(codes, at, end, sorts, hashes, classes, words, state)
        _new_line(codes, count, words, segments, state, COLON)
    return end + 1


@numba.njit(nogil=True)
def _quote(codes: Any, at: Any, count: Any, sorts: Any, words: Any, segments: Any, state: Any) -> Any:
    """Takes in the quotation that opens here, or, where it has no end, ends a segment; returns where it ends."""
    opens = at == 0 or not is_alnum(sorts[codes[at - 1]])
    opens = opens and at + 1 < count and not is_blank(sorts[codes[at + 1]])
    close = close_quote(codes, at, count, sorts) if opens and not state[UNPAIRED] else -1
    if close >= 0:
        push(words, state, at, close + 1, -1, MASK)
        return close + 1
    if opens:
        state[UNPAIRED] = 1  # from here on no quotation is looked for: the prompt is read once or twice, not n times
    _new_line(codes, count, words, segments, state, _last_stop(codes, at, sorts))
    return at + 1


@numba.njit(nogil=True)
def scan(  # noqa: C901, PLR0912 -- one case for each sort of character; calls would cost more than the work
    codes: Any, count: Any, sorts: Any, lexicon: Any, words: Any, segments: Any, state: Any
) -> None:
    """Writes the words and segments of `count` folded characters; `state` tells how many.

    `words` and `segments` have a row for each character and one more.
    """
    hashes, classes = lexicon[0], lexicon[1]
    state[:] = 0
    state[LINE_OPEN] = 1
    at, chunk_end = 0, 0
    while at < count:
        code = codes[at]
        sort = sorts[code]
        if sort == LINE:
            _new_line(codes, count, words, segments, state, _last_stop(codes, at, sorts))
            at += 1
        elif sort == SPACE:
            if at > 0 and stops(codes[at - 1]):
                _close(codes, count, words, segments, state, codes[at - 1])
            at += 1
        elif code == QUOTE:
            at = chunk_end = _quote(codes, at, count, sorts, words, segments, state)
        elif at >= chunk_end:
            if sort == LETTER:  # most words take this short way
                end, value = run(codes, at, count, sorts)
                if ends_plainly(codes, end, count, sorts):
                    push_known(words, state, at, end, value, hashes, classes)
                    at, chunk_end = end, end + 1
                    continue
            after = _tag(codes, at, count, sorts, hashes, classes, words, segments, state) if code == TAG_OPEN else at
            if after > at:
                at = chunk_end = after
                continue
            chunk_end, kind = chunk(codes, at, count, sorts)
            if kind:
                push(words, state, at, chunk_end, -1, kind)
                at = chunk_end
        elif is_alnum(sort):
            at = take_word(codes, at, count, sorts, hashes, classes, words, state)
        else:
            if code == COLON and _beside_alone(codes, at, count, sorts):
                _close(codes, count, words, segments, state, COLON)
            at += 1
    _close(codes, count, words, segments, state, _last_stop(codes, count, sorts))


@numba.njit(inline="always")
def _beside_alone(codes: Any, at: Any, count: Any, sorts: Any) -> bool:
    """Whether a character of a script without spaces is next to here: its colon needs no space after it."""
    after = at + 1 < count and sorts[codes[at + 1]] == ALONE
    return bool(after or (at > 0 and sorts[codes[at - 1]] == ALONE))
