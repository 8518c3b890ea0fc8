"""What each character counts for: its folded form and its sort, as tables for compiled loops.

Case, accents, look-alikes of Latin letters, typographic quotes and dashes and the digits of other scripts are
folded; characters that are not seen (zero width, direction marks, variation selectors, controls) are deleted.
Compatibility forms (full width, ligatures, mathematical letters) are folded before, by Arrow's NFKC.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SYMBOL, LETTER, DIGIT, ALONE, SPACE, LINE = range(6)
"""Sorts. `ALONE`: a word by itself, in scripts that write without spaces."""

DELETED = 0xFFFF
"""Folded form of a character that is not seen; itself never assigned."""

WIDE_LETTER, WIDE_SYMBOL = 0x3400, 0x2A
"""Folded forms of what lies beyond U+FFFF: ideographs (their low 12 bits are added) and all else."""

_LOOKALIKES = dict(
    zip("авекмнорстухіјѕԁԛԝӏһαοινρτυκηχ", "abekmhopctyxijsdqwlhaoivptuknx", strict=True)
)  # what Unicode's confusables (UTS 39) and the eye take for Latin, among Cyrillic and Greek small letters
_LOOKS = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛`´′", "'") | dict.fromkeys("‐‑‒–—―−", "-")
_LINES = "\n\r\x0b\x0c\x85\u2028\u2029。"  # a full stop of a script without spaces ends a line
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF))
_COMPATIBLE = (0xF900, 0xFAFF)


class Characters(NamedTuple):
    """Tables over the first 65,536 characters: the folded form of each, and the sort of each folded form."""

    folded: npt.NDArray[np.uint16]
    sorts: npt.NDArray[np.uint8]


def fold_character(character: str) -> str:
    """Returns the folded form of a character below U+10000, or nothing if it is not seen."""
    if character in _LINES:
        return "\n"
    if character in _LOOKS:
        return _LOOKS[character]
    category = unicodedata.category(character)
    if category == "Zs" or character == "\t":
        return " "
    if category in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    return _fold_letter(character)


def sort_of(folded: str) -> int:
    """Returns the sort of a folded character."""
    if folded in "\n ":
        return LINE if folded == "\n" else SPACE
    code, category = ord(folded), unicodedata.category(folded)
    if any(low <= code <= high for low, high in (*_UNSPACED, _COMPATIBLE)) and category[0] in "LM":
        return ALONE
    if category == "Nd":
        return DIGIT
    return LETTER if category[0] in "LNM" else SYMBOL


@functools.cache
def characters() -> Characters:
    """Returns the tables, made at the first call (some 50 ms)."""
    folded = np.full(1 << 16, DELETED, np.uint16)
    sorts = np.zeros(1 << 16, np.uint8)
    for code in range(DELETED):
        character = chr(code)
        folding = fold_character(character)
        if folding:
            folded[code] = ord(folding)
        if unicodedata.category(character) != "Cs":
            sorts[code] = sort_of(character)
    return Characters(folded, sorts)


def _fold_letter(character: str) -> str:
    """Folds case, then takes marks off the letters of the European scripts, then look-alikes."""
    small = character.casefold() if len(character.casefold()) == 1 else character.lower()
    small = small if len(small) == 1 else character
    bare = unicodedata.normalize("NFD", small)[0]
    if ord(bare) < 0x0530:  # Latin, Greek, Cyrillic; elsewhere a decomposition is the letter itself
        small = bare.lower()
    return _LOOKALIKES.get(small, small)
