"""A prompt as words and segments: compiled loops.

A segment is what stands between two of: the ends of the prompt, a line break, a tag, a quotation mark without
its partner, or one of `.?!:;` before white space. Its words are letters and digits; a quotation, and a piece
of code, a path, an address or a placeholder (`MASK`), count as one word each, as does a number (`NUMBER`).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.fingerprint.characters import ALONE, DIGIT, LETTER, LINE, SPACE
from linkage.fingerprint.folding import is_alnum, is_blank
from linkage.fingerprint.lexicon import MASK, NUMBER, UNKNOWN

WORD_START, WORD_END, WORD_SLOT, WORD_CLASS = range(4)
"""Columns of words; the slot is the word's place in the lexicon, -1 if it is not there."""

FIRST, LAST, AT_LINE, TERM, TALLY = 0, 1, 2, 3, 4
"""Columns of segments: words [first, last), whether it opens a line, what ends it (0: nothing), and from
`TALLY` on how many of its words are of each of the six classes."""

SEGMENT_COLUMNS = TALLY + 6

WORDS, SEGMENTS, OPEN, LINE_OPEN, LETTERED, UNPAIRED = range(6)
"""Slots of the state: counts so far, first word of the open segment, whether that opens a line, and how many
lines open with a letter of a list (`A.`, `(b)`, `c:`), and whether a quotation mark without partner was met."""

STATE_SLOTS = 6

COLON = 58
_QUOTE, _TAG_OPEN, _TAG_CLOSE, _SLASH, _LETTER_A = 34, 60, 62, 47, 97
_LONGEST_TAG = 32


@numba.njit(inline="always")
def _stops(code: Any) -> bool:
    return bool(code in (46, 63, 33, COLON, 59))  # . ? ! : ;


@numba.njit(inline="always")
def _between_words(codes: Any, at: Any, count: Any, sorts: Any) -> bool:
    return bool(0 < at < count - 1 and is_alnum(sorts[codes[at - 1]]) and is_alnum(sorts[codes[at + 1]]))


@numba.njit(inline="always")
def _lookup(value: Any, hashes: Any) -> Any:
    """The slot of the word of this hash, or -1."""
    slot = np.int64(value & np.uint64(len(hashes) - 1))
    while hashes[slot] != 0:
        if hashes[slot] == value:
            return slot
        slot = (slot + 1) & (len(hashes) - 1)
    return -1


@numba.njit(inline="always")
def _run(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the letters and digits from here end, and their FNV-1a hash."""
    value = np.uint64(0xCBF29CE484222325)
    while at < count:
        sort = sorts[codes[at]]
        if sort not in (LETTER, DIGIT):
            break
        value = (value ^ np.uint64(codes[at])) * np.uint64(0x100000001B3)
        at += 1
    return at, value


@numba.njit(inline="always")
def _push(words: Any, state: Any, begin: Any, end: Any, slot: Any, kind: Any) -> None:
    row = state[WORDS]
    words[row, WORD_START] = begin
    words[row, WORD_END] = end
    words[row, WORD_SLOT] = slot
    words[row, WORD_CLASS] = kind
    state[WORDS] = row + 1


@numba.njit(cache=True, nogil=True)
def _close_quote(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the quotation that opens here ends (quotations may hold others), or -1."""
    depth = 1
    for close in range(at + 1, count):
        if codes[close] != _QUOTE:
            continue
        before = codes[close - 1]
        opens = is_blank(sorts[before]) or before in (40, 91)  # ( [
        if opens and close + 1 < count and not is_blank(sorts[codes[close + 1]]):
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return close
    return -1


@numba.njit(cache=True, nogil=True)
def _chunk(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the run without blanks or quotation marks ends, and whether it is code, a number (or neither: 0)."""
    end, slashes = at, 0
    words, letters, code = False, False, False
    while end < count and not is_blank(sorts[codes[end]]) and codes[end] != _QUOTE:
        character = codes[end]
        if is_alnum(sorts[character]):
            words = True
            letters = letters or sorts[character] != DIGIT
        elif character in (60, 61, 62, 64, 92, 95, 123, 124, 125):  # < = > @ \ _ { | }
            code = True
        elif character in (46, _SLASH):  # inside: a.b, a/b/c, //
            joined = _between_words(codes, end, count, sorts)
            slashes += character == _SLASH
            code = code or slashes > 1 or (joined and character == 46)
        end += 1
    if not words:
        return end, 0
    return end, NUMBER if not letters else MASK if code else 0


@numba.njit(cache=True, nogil=True)
def _tag_end(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the tag `<name>` or `</name>` that starts here ends, or -1."""
    end = at + 1 + (1 if at + 1 < count and codes[at + 1] == _SLASH else 0)
    first = end
    while end < count and end - first < _LONGEST_TAG and is_alnum(sorts[codes[end]]):
        end += 1
    return end if end > first and end < count and codes[end] == _TAG_CLOSE else -1


@numba.njit(cache=True, nogil=True)
def _is_letter_of_list(codes: Any, count: Any, words: Any, row: Any) -> bool:
    begin, end = words[row, WORD_START], words[row, WORD_END]
    if end - begin != 1 or end >= count or not 0 <= codes[begin] - _LETTER_A < 5:
        return False
    return bool(codes[end] == 46 or codes[end] == COLON or codes[end] == 41)  # . : )


@numba.njit(cache=True, nogil=True)
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
    return codes[at] if at >= 0 and _stops(codes[at]) else 0


@numba.njit(inline="always")
def _new_line(codes: Any, count: Any, words: Any, segments: Any, state: Any, term: Any) -> None:
    _close(codes, count, words, segments, state, term)
    state[LINE_OPEN] = 1


@numba.njit(inline="always")
def _push_known(words: Any, state: Any, begin: Any, end: Any, value: Any, hashes: Any, classes: Any) -> None:
    slot = _lookup(value, hashes)
    _push(words, state, begin, end, slot, classes[slot] if slot >= 0 else UNKNOWN)


@numba.njit(cache=True, nogil=True)
def _word(codes: Any, at: Any, count: Any, sorts: Any, hashes: Any, classes: Any, words: Any, state: Any) -> Any:
    """Takes in the word that starts here; returns where it ends."""
    if sorts[codes[at]] == ALONE:
        _push(words, state, at, at + 1, -1, UNKNOWN)
        return at + 1
    end, value = _run(codes, at, count, sorts)
    for place in range(at, end):
        if sorts[codes[place]] != DIGIT:
            _push_known(words, state, at, end, value, hashes, classes)
            return end
    _push(words, state, at, end, -1, NUMBER)
    return end


@numba.njit(inline="always")
def _ends_plainly(codes: Any, at: Any, count: Any, sorts: Any) -> bool:
    """Whether a run of letters that ends here is a word by itself: nothing follows but one mark."""
    if at == count or is_blank(sorts[codes[at]]):
        return True
    mark = _stops(codes[at]) or codes[at] == 44 or codes[at] == 41 or codes[at] == 39  # , ) '
    return bool(mark and (at + 1 == count or is_blank(sorts[codes[at + 1]])))


@numba.njit(cache=True, nogil=True)
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
    end = _tag_end(codes, at, count, sorts)
    if end < 0:
        return at
    _new_line(codes, count, words, segments, state, 0)
    if codes[at + 1] != _SLASH:
        at += 1
        while at < end:
            at = _word(codes, at, end, sorts, hashes, classes, words, state)
        _new_line(codes, count, words, segments, state, COLON)
    return end + 1


@numba.njit(cache=True, nogil=True)
def _quote(codes: Any, at: Any, count: Any, sorts: Any, words: Any, segments: Any, state: Any) -> Any:
    """Takes in the quotation that opens here, or, where it has no end, ends a segment; returns where it ends."""
    opens = at == 0 or not is_alnum(sorts[codes[at - 1]])
    opens = opens and at + 1 < count and not is_blank(sorts[codes[at + 1]])
    close = _close_quote(codes, at, count, sorts) if opens and not state[UNPAIRED] else -1
    if close >= 0:
        _push(words, state, at, close + 1, -1, MASK)
        return close + 1
    if opens:
        state[UNPAIRED] = 1  # from here on no quotation is looked for: the prompt is read once or twice, not n times
    _new_line(codes, count, words, segments, state, _last_stop(codes, at, sorts))
    return at + 1


@numba.njit(cache=True, nogil=True)
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
            if at > 0 and _stops(codes[at - 1]):
                _close(codes, count, words, segments, state, codes[at - 1])
            at += 1
        elif code == _QUOTE:
            at = chunk_end = _quote(codes, at, count, sorts, words, segments, state)
        elif at >= chunk_end:
            if sort == LETTER:  # most words take this short way
                end, value = _run(codes, at, count, sorts)
                if _ends_plainly(codes, end, count, sorts):
                    _push_known(words, state, at, end, value, hashes, classes)
                    at, chunk_end = end, end + 1
                    continue
            after = _tag(codes, at, count, sorts, hashes, classes, words, segments, state) if code == _TAG_OPEN else at
            if after > at:
                at = chunk_end = after
                continue
            chunk_end, kind = _chunk(codes, at, count, sorts)
            if kind:
                _push(words, state, at, chunk_end, -1, kind)
                at = chunk_end
        elif is_alnum(sort):
            at = _word(codes, at, count, sorts, hashes, classes, words, state)
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
