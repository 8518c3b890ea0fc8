"""The words of a prompt, one at a time, and what counts as one word though it is longer: compiled loops.

A word is a run of letters and digits, or one character of a script without spaces. A quotation, and a piece of
code, a path, an address or a placeholder (`MASK`), count as one word each, as does a number (`NUMBER`).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from linkage.fingerprint.characters import ALONE, DIGIT, LETTER
from linkage.fingerprint.folding import is_alnum, is_blank
from linkage.fingerprint.lexicon import MASK, NUMBER, UNKNOWN

WORD_START, WORD_END, WORD_SLOT, WORD_CLASS = range(4)
"""Columns of words; the slot is the word's place in the lexicon, -1 if it is not there."""

WORDS, SEGMENTS, OPEN, LINE_OPEN, LETTERED, UNPAIRED = range(6)
"""Slots of the state: counts so far, first word of the open segment, whether that opens a line, how many
lines open with a letter of a list (`A.`, `(b)`, `c:`), and whether a quotation mark without partner was met."""

STATE_SLOTS = 6

COLON, SLASH, QUOTE, TAG_OPEN = 58, 47, 34, 60
_TAG_CLOSE = 62
_LONGEST_TAG = 32


@numba.njit(inline="always")
def stops(code: Any) -> bool:
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
def run(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
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
def push(words: Any, state: Any, begin: Any, end: Any, slot: Any, kind: Any) -> None:
    row = state[WORDS]
    words[row, WORD_START] = begin
    words[row, WORD_END] = end
    words[row, WORD_SLOT] = slot
    words[row, WORD_CLASS] = kind
    state[WORDS] = row + 1


@numba.njit(inline="always")
def push_known(words: Any, state: Any, begin: Any, end: Any, value: Any, hashes: Any, classes: Any) -> None:
    slot = _lookup(value, hashes)
    push(words, state, begin, end, slot, classes[slot] if slot >= 0 else UNKNOWN)


@numba.njit(nogil=True)
def take_word(codes: Any, at: Any, count: Any, sorts: Any, hashes: Any, classes: Any, words: Any, state: Any) -> Any:
    """Takes in the word that starts here; returns where it ends."""
    if sorts[codes[at]] == ALONE:
        push(words, state, at, at + 1, -1, UNKNOWN)
        return at + 1
    end, value = run(codes, at, count, sorts)
    for place in range(at, end):
        if sorts[codes[place]] != DIGIT:
            push_known(words, state, at, end, value, hashes, classes)
            return end
    push(words, state, at, end, -1, NUMBER)
    return end


@numba.njit(inline="always")
def ends_plainly(codes: Any, at: Any, count: Any, sorts: Any) -> bool:
    """Whether a run of letters that ends here is a word by itself: nothing follows but one mark."""
    if at == count or is_blank(sorts[codes[at]]):
        return True
    mark = stops(codes[at]) or codes[at] == 44 or codes[at] == 41 or codes[at] == 39  # , ) '
    return bool(mark and (at + 1 == count or is_blank(sorts[codes[at + 1]])))


@numba.njit(nogil=True)
def close_quote(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the quotation that opens here ends (quotations may hold others), or -1."""
    depth = 1
    for close in range(at + 1, count):
        if codes[close] != QUOTE:
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


@numba.njit(nogil=True)
def chunk(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the run without blanks or quotation marks ends, and whether it is code, a number (or neither: 0)."""
    end, slashes = at, 0
    words, letters, code = False, False, False
    while end < count and not is_blank(sorts[codes[end]]) and codes[end] != QUOTE:
        character = codes[end]
        if is_alnum(sorts[character]):
            words = True
            letters = letters or sorts[character] != DIGIT
        elif character in (60, 61, 62, 64, 92, 95, 123, 124, 125):  # < = > @ \ _ { | }
            code = True
        elif character in (46, SLASH):  # inside: a.b, a/b/c, //
            joined = _between_words(codes, end, count, sorts)
            slashes += character == SLASH
            code = code or slashes > 1 or (joined and character == 46)
        end += 1
    if not words:
        return end, 0
    return end, NUMBER if not letters else MASK if code else 0


@numba.njit(nogil=True)
def tag_end(codes: Any, at: Any, count: Any, sorts: Any) -> Any:
    """Where the tag `<name>` or `</name>` that starts here ends, or -1."""
    end = at + 1 + (1 if at + 1 < count and codes[at + 1] == SLASH else 0)
    first = end
    while end < count and end - first < _LONGEST_TAG and is_alnum(sorts[codes[end]]):
        end += 1
    return end if end > first and end < count and codes[end] == _TAG_CLOSE else -1
