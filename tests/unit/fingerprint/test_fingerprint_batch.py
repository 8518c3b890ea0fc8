"""Fingerprints of batches: keyed, stateless, silent about the text, the same over any Arrow layout."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from benchmarks.edits import EDITS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkage.fingerprint import fingerprint_batch, prompt_keys
from linkage.fingerprint.frame import MOST
from linkage.keys import Keyring

KEYRING = Keyring("a secret of the tests, long enough")
TEMPLATE = "Read the following {} and answer the question.\nContext: {}\nQuestion: {}\nAnswer:"
SLOTS = [
    ("passage", "Dogs bark at night. Cats do not.", "Who barks?"),
    ("passage", 'It was 1987 when "Blue" closed; 12 people came', "When did the show end?"),
    ("passage", "See https://example.org/a/b?c=1 or mail me@example.org", "Where is it?"),
]
WRAPPERS = [
    "Answer the following question.\nQuestion: {}\nAnswer:",
    "You work for Zyx Ltd. Read the text below carefully and reply in one word.\n\nText: {}",
    "<task>\nExplain your answer in detail.\n</task>\nItem: {}\n\nBe brief, friend.",
    "Hello there!\n{}\nMany thanks.",
    "Ты учитель. {}\nОтветь кратко.",
]
WORDS = ["the", "of", "how", "why", "dog", "zürich", "naïve", "don't", "X-ray", "7", "1,000", "字", "문", "кот", "a/b"]
GENERIC = ["", " ", "continue", "hi", "Hi!", "thanks a lot", "yes please", "go on", "what?", "ok, next", "🙂"]


def keys_of(prompts: list[str | None], keyring: Keyring = KEYRING) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in prompts]
    made = fingerprint_batch(pa.array(prompts, pa.string()), keyring)
    for row, key in zip(made.rows.tolist(), made.keys.tolist(), strict=True):
        found[row].add(key)
    return found


def test_other_slots_share_a_key_and_other_templates_do_not() -> None:
    same = keys_of([TEMPLATE.format(*slots) for slots in SLOTS])
    assert set.intersection(*same)
    other = keys_of(["Translate the sentence into French: " + slots[1][::-1] for slots in SLOTS])
    assert not set.union(*same) & set.union(*other)


QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=8, max_size=14).map(lambda words: " ".join(["who", *words]))


@settings(max_examples=100, deadline=None)
@given(QUESTIONS, st.permutations(WRAPPERS), st.sampled_from(["", "?", "."]))
@example("what is the oldest of 3 dogs in Zürich called today", WRAPPERS, "?")
def test_one_question_shares_a_key_bare_and_in_any_wrapper(question: str, wrappers: list[str], stop: str) -> None:
    asked = [wrapper.format(question + stop) for wrapper in wrappers[:2]]
    first, second, bare = keys_of([*asked, question.upper() + stop])
    assert first & second & bare
    assert len(bare) == 1


@settings(max_examples=100, deadline=None)
@given(QUESTIONS, QUESTIONS)
def test_other_questions_share_none(one: str, other: str) -> None:
    first, second = keys_of([WRAPPERS[0].format(one), WRAPPERS[1].format(other)])
    assert bool(first & second) == (one == other)


@pytest.mark.parametrize(
    "prompt",
    [
        "Read the text.\nText: {}\nNone of these foxes ever saw the dog that came over them twice.",  # not the longest
        "foxes told me {}",  # no wrapper: one sentence
        "Summarize the following text.\nText: {0} {0} {0} {0}",  # longer than a question
    ],
)
def test_what_is_no_sentence_beside_others_is_no_filling(prompt: str) -> None:
    text = "the quick dog jumped over some lazy foxes today"
    filled = prompt.format(text)
    keys, bare, document = keys_of([filled, text + ".", " ".join([text] * 4)])
    assert keys
    assert not keys & (bare | document)


@pytest.mark.parametrize("edit", EDITS)
def test_small_edits_keep_a_key(edit: str) -> None:
    prompt = (
        "Read the following passage carefully and answer the question in two sentences.\nIt rained. Who fell asleep?"
    )
    before, after = keys_of([prompt, EDITS[edit](prompt)])
    assert before & after


def test_what_says_nothing_has_no_fingerprint() -> None:
    assert not any(keys_of([*GENERIC, None]))


def test_keys_are_of_the_ring() -> None:
    prompts: list[str | None] = [TEMPLATE.format(*SLOTS[0])]
    assert not keys_of(prompts)[0] & keys_of(prompts, Keyring("another secret of the tests"))[0]
    assert keys_of(prompts) == keys_of(prompts, Keyring("a secret of the tests, long enough"))


def test_a_key_stays_the_same_over_releases() -> None:
    made = fingerprint_batch(pa.array(["Summarize the following article in two sentences: one"]), KEYRING)
    assert made.keys.tolist() == [14932760798063549208, 18427753770119207936]
    assert made.whole.tolist() == [False, True]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60) | st.sampled_from([TEMPLATE.format(*slots) for slots in SLOTS]), min_size=1))
def test_a_prompt_has_its_keys_whatever_stands_beside_it(prompts: list[str | None]) -> None:
    together = keys_of(prompts)
    assert together == [keys_of([prompt])[0] for prompt in prompts]
    assert keys_of(prompts[::-1]) == together[::-1]
    assert all(len(found) <= MOST for found in together)


def test_every_arrow_layout_gives_the_same() -> None:
    prompts = [TEMPLATE.format(*SLOTS[0]), None, "é" + TEMPLATE.format(*SLOTS[1]), "hi"]
    array = pa.array(prompts, pa.string())
    expected = fingerprint_batch(array, KEYRING)
    layouts = (
        array.cast(pa.large_string()),
        array.dictionary_encode(),
        array.cast(pa.string_view()),
        pa.chunked_array([array.slice(0, 1), array.slice(1)]),
        pa.array(["pad", *prompts]).slice(1),
    )
    for layout in layouts:
        made = fingerprint_batch(layout, KEYRING)
        assert made.keys.tolist() == expected.keys.tolist()
        assert made.rows.tolist() == expected.rows.tolist()
    for empty in (pa.array([], pa.string()), pa.array([None, None]), pa.chunked_array([], pa.string())):
        assert len(fingerprint_batch(empty, KEYRING)) == 0


def test_buffers_that_fill_up_lose_nothing() -> None:
    prompts = [TEMPLATE.format("passage", f"fact number {n} of many", "why") for n in range(30_000)]
    made = fingerprint_batch(pa.array(prompts), KEYRING)
    assert np.array_equal(np.unique(made.rows), np.arange(30_000))
    assert len(np.unique(made.keys[made.whole])) == 30_000
    assert len(np.unique(made.keys[~made.whole])) == 1


def test_a_long_prompt_takes_time_in_proportion() -> None:
    """A million marks that could each open a quotation, a tag or a list are read a few times, not a million."""
    for piece in ('"a ', "<a ", "<a>", "(a) ", "a. ", "\n", "字：", '" "'):
        assert len(fingerprint_batch(pa.array([piece * 300_000 + "x y z"]), KEYRING)) <= MOST


def test_given_fingerprints_are_keys_too() -> None:
    prompt = TEMPLATE.format(*SLOTS[0])
    batch = pa.record_batch(
        {
            "prompt": pa.array([prompt, prompt, None, None]),
            "prompt_fingerprint": pa.array([None, "f1 f2", " f2  ", None]),
        }
    )
    made = prompt_keys(batch, KEYRING)
    assert made is not None
    bounds, keys = made
    found = [set(keys[bounds[row] : bounds[row + 1]].tolist()) for row in range(4)]
    assert found[0] == keys_of([prompt])[0]
    assert len(found[1]) == 2
    assert len(found[1] & found[2]) == len(found[2]) == 1
    assert not found[0] & found[1]
    assert found[3] == set()


@pytest.mark.parametrize(
    "columns", [{}, {"prompt": pa.nulls(1, pa.string())}, {"prompt_fingerprint": pa.nulls(1, pa.string())}]
)
def test_requests_without_prompts_have_none(columns: dict[str, pa.Array]) -> None:
    assert prompt_keys(pa.record_batch({"account_id": pa.array(["a"]), **columns}), KEYRING) is None


def test_the_text_is_not_in_what_is_shown() -> None:
    made = fingerprint_batch(pa.array([TEMPLATE.format(*SLOTS[0])]), KEYRING)
    assert "bark" not in repr(made)
