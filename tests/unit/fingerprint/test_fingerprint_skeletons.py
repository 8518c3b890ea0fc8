"""The compiled loops give what the slow oracle gives, on any text."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from fingerprint_oracle import fold, skeletons
from hypothesis import example, given, settings
from hypothesis import strategies as st

import linkage.fingerprint
from linkage.fingerprint import prompt_skeletons
from linkage.fingerprint.frame import COMPILED_FROM

TEXT = """
the of question answer Answer: Question: context: summarize following passage article write generate sentence title
choose options review Given Read, text. (a) A. b: 1. 3 42 1,000 10:30 foo bar zyx don't U.S. e.g. his/her a/b/c //
http://x.y/z?q=1 me@x.org snake_case {slot} [topic] ${x} <tag> </tag> <br <a> x=1 ** ## - -- " "quoted" "open close"
"(" ["] ? ! . , ; : ... — “ ” ’ é Ж о ß İ ﬁ ① ٣ 字 文： 。 ไทย 가 😀 𝐀 𠀀 \u200b \u0301 \ufeff
"""
PIECES = st.sampled_from(TEXT.split())
GAPS = st.sampled_from([" ", " ", " ", " ", "", "  ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00a0", "\u2028"])
COMPOSED = st.lists(st.tuples(PIECES, GAPS), max_size=40).map(
    lambda pairs: "".join(a.strip("\n ") + b for a, b in pairs)
)


@settings(max_examples=400, deadline=None)
@given(st.lists(COMPOSED | st.text(max_size=60) | st.none(), max_size=8))
@example(['"', '""', '"a', 'a"b"c', "<a", "<>", "</>", "<a>", ":", "a:", "\n", "", " "])
def test_compiled_loops_give_what_the_oracle_gives(prompts: list[str | None]) -> None:
    expected = [[] if prompt is None else skeletons(prompt) for prompt in prompts]
    assert prompt_skeletons(pa.array(prompts, pa.string())) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Write a title for this sentence: a dog barks\n\nTitle:", "f0|write title for this sentence /||title /"),
        (
            "Given the list of concepts: a, b; \nGenerate a sentence with all the concepts :",
            "f0|give list of concept /||generate sentence with all concept /",
        ),
        (
            'Is "x" the correct answer to the following question?\nWho did?',
            "f0|is _ correct answer to following question /||",
        ),
        ("Choose the best answer: one\nA. red\nB. blue", "f2|choose best answer /||"),
        ("Summarize the following article . Dogs bark , cats meow .", "f1|summary following article /||"),
    ],
)
def test_frames_are_what_is_fixed(prompt: str, expected: str) -> None:
    assert prompt_skeletons(pa.array([prompt]))[0][0] == expected


def test_a_filling_is_written_as_the_wording_of_its_words_alone() -> None:
    prompts = ["Answer the question.\nQuestion: Who kept 3 dogs, and two cats, in 1987?\nAnswer:"]
    found = prompt_skeletons(pa.array([*prompts, "who kept 3 dogs and two cats in 1987"]))
    assert found[0][-1] == found[1][0] == "x| who kept 3 dogs and two cats in 1987"


def test_what_is_compiled_is_of_these_sources() -> None:
    """numba would go on with loops compiled from older text of the modules that `frame` takes in."""
    folder = Path(linkage.fingerprint.__file__).parent
    names = ("characters", "folding", "lexicon", "scan", "skeleton", "wording", "words")
    digest = hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes() for name in names)).hexdigest()[:16]
    assert digest == COMPILED_FROM, f"set COMPILED_FROM in frame.py to {digest}"
