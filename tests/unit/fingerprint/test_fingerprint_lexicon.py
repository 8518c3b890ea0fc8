"""The lexicon and the tables of characters."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.fingerprint.characters import (
    ALONE,
    DELETED,
    DIGIT,
    LETTER,
    LINE,
    SPACE,
    SYMBOL,
    characters,
    fold_character,
    sort_of,
)
from linkage.fingerprint.lexicon import (
    CORE_WORDS,
    DROPPED_WORDS,
    FUNCTION_WORDS,
    SOFT_WORDS,
    lexicon,
    stems,
    word_classes,
    word_hash,
)


def test_each_word_is_in_one_class_once() -> None:
    words = (FUNCTION_WORDS + SOFT_WORDS + CORE_WORDS).split()
    assert len(words) == len(set(words)) == len(word_classes())
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)


def test_every_form_and_every_dropped_word_is_known() -> None:
    classes = word_classes()
    assert set(stems()) | set(stems().values()) | set(DROPPED_WORDS.split()) <= set(classes)
    assert all(stems()[stem] == stem for stem in stems().values())
    assert all(classes[word] == classes[stem] for word, stem in stems().items())


def test_the_table_holds_every_word() -> None:
    table = lexicon()
    assert np.count_nonzero(table.hashes) == len(word_classes())
    for word, kind in word_classes().items():
        (slot,) = np.flatnonzero(table.hashes == np.uint64(word_hash(word)))
        assert table.classes[slot] == kind
        assert table.text[table.starts[slot] : table.ends[slot]].tobytes().decode() == stems().get(word, word)
        assert table.dropped[slot] == (word in DROPPED_WORDS.split())


FOLDED = dict(zip("AÀéñİßЖСОΑ", "aaenißжcoa", strict=True)) | {
    "“": '"',
    "„": '"',
    "’": "'",
    "–": "-",
    "\u00a0": " ",
    "٣": "3",
    "５": "5",
    "\r": "\n",
    "。": "\n",
    "가": "가",
    "字": "字",
    "\u200b": "",
    "\u0301": "",
    "\ufe0f": "",
    "\x00": "",
}


@pytest.mark.parametrize(("character", "folded"), FOLDED.items())
def test_folding(character: str, folded: str) -> None:
    assert fold_character(character) == folded


def test_sorts() -> None:
    assert [sort_of(c) for c in "a5字 \n*"] == [LETTER, DIGIT, ALONE, SPACE, LINE, SYMBOL]


def test_the_tables_say_what_the_functions_say() -> None:
    tables = characters()
    assert tables.folded[0xFFFF] == DELETED
    for code in [*range(0x600), *range(0x2000, 0x2100), *range(0x4E00, 0x4E20), 0xD800]:
        folded = fold_character(chr(code))
        assert tables.folded[code] == (ord(folded) if folded else DELETED)
    assert all(fold_character(chr(code)) == chr(code).lower() for code in range(0x21, 0x7F) if code != ord("`"))
