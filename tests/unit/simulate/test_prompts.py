"""Prompts as text and as fingerprints say the same: what is alike, and what is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.simulate.content import Form, Prompts
from linkage.simulate.fingerprints import DIGITS, _strings, prompt_fingerprints
from linkage.simulate.prompts import LOOSE, prompt_texts
from linkage.simulate.randomness import mix


def prompts(form, template, variant, question):
    size = len(question)
    return Prompts(
        np.full(size, int(form)),
        np.broadcast_to(np.asarray(template, dtype=np.uint64), size).copy(),
        np.broadcast_to(np.asarray(variant), size).copy(),
        mix(np.asarray(question)),
    )


def test_a_template_keeps_its_words_and_the_question_changes():
    made = prompt_texts(prompts(Form.TEMPLATE, 99, 0, np.arange(500))).to_pylist()
    assert len({text.split("\n")[0] for text in made}) == 1
    assert len(set(made)) == 500


def test_a_variant_chooses_other_words_and_a_loose_one_moves_the_rules():
    close = prompt_texts(prompts(Form.TEMPLATE, 99, np.arange(LOOSE), np.zeros(LOOSE))).to_pylist()
    loose = prompt_texts(prompts(Form.TEMPLATE, 99, np.arange(LOOSE, 1000), np.zeros(1000 - LOOSE))).to_pylist()
    ending = close[0].split(". ")[-2:]
    assert 20 < len(set(close)) <= LOOSE
    assert all(text.split(". ")[-2:] == ending for text in close)
    assert len({text.count(".") for text in loose}) > 1
    assert len(set(loose)) > 200


def test_strangers_templates_differ():
    made = prompt_texts(prompts(Form.TEMPLATE, np.arange(20_000), 0, np.zeros(20_000))).to_pylist()
    assert len(set(made)) > 19_990


def test_every_form_has_text_in_the_order_it_was_asked():
    form = np.tile(list(Form), 50)
    mixed = Prompts(form, np.arange(200, dtype=np.uint64) % 6, np.zeros(200, dtype=np.int64), mix(np.arange(200)))
    together = prompt_texts(mixed).to_pylist()
    alone = [prompt_texts(mixed.take(np.array([row]))).to_pylist()[0] for row in range(200)]
    assert together == alone
    assert all(len(text) >= 5 or text in ("ok", "test", "go on") for text in together)


def test_fingerprints_share_the_template_the_wording_and_the_question():
    same = prompt_fingerprints(prompts(Form.TEMPLATE, 99, 0, np.arange(300)), 1).to_pylist()
    frames = {tuple(text.split(" ")[:2]) for text in same}
    assert len(frames) == 1
    assert len({text.split(" ")[2] for text in same}) == 300
    many = prompt_fingerprints(prompts(Form.TEMPLATE, 99, np.arange(4096), np.zeros(4096)), 1).to_pylist()
    assert 10 < len({text.split(" ")[0] for text in many}) <= 25
    assert len({text.split(" ")[2] for text in many}) == 1
    other = prompt_fingerprints(prompts(Form.TEMPLATE, 99, 0, np.arange(300)), 2).to_pylist()
    assert not set(" ".join(same).split()) & set(" ".join(other).split())


@pytest.mark.parametrize(
    ("form", "tokens"), [(Form.CHAT, 1), (Form.PUBLIC, 1), (Form.BENCHMARK, 2), (Form.TEMPLATE, 3)]
)
def test_tokens_by_form(form, tokens):
    made = prompt_fingerprints(prompts(form, 3, 0, np.arange(10)), 1).to_pylist()
    assert all([len(token) for token in text.split(" ")] == [DIGITS] * tokens for text in made)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()).filter(any), min_size=1, max_size=30))
def test_strings_in_buffers_are_those_joined_one_by_one(rows):
    shown = np.array(rows)
    tokens = [mix(np.arange(len(rows)), salt) for salt in ("a", "b", "c")]
    names = [[token[row].tobytes().hex()[:DIGITS] for token in tokens] for row in range(len(rows))]
    wanted = [" ".join(n for n, s in zip(names[r], rows[r], strict=True) if s) for r in range(len(rows))]
    assert _strings(tokens, shown).to_pylist() == wanted
