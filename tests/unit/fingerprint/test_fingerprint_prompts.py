"""Fingerprints on real prompts keep to their bounds."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from benchmarks.scoring import NATURAL, TEMPLATED, biggest, held_out, pairwise, strangers

from linkage.fingerprint import fingerprint_batch
from linkage.keys import Keyring

pytestmark = pytest.mark.skipif(
    not TEMPLATED.exists(), reason="the real prompts are not beside the checkout; LINKAGE_TEST_DATA names their folder"
)


def keys_of(prompts: pa.ChunkedArray, *, templates: bool = False) -> list[set[int]]:
    """Returns the keys of each prompt: all, or those of templates alone, without those of words and questions."""
    found: list[set[int]] = [set() for _ in range(len(prompts))]
    made = fingerprint_batch(prompts, Keyring("a secret of the tests"))
    for row, key, words in zip(made.rows.tolist(), made.keys.tolist(), made.whole.tolist(), strict=True):
        if not (templates and words):
            found[row].add(key)
    return found


def test_pairs_of_one_template() -> None:
    table = pq.read_table(TEMPLATED)
    table = table.filter(pc.equal(table.column("source"), "t0_p3"))
    prompts, groups = table.column("prompt"), table.column("group").to_pylist()
    all_keys, tokens = keys_of(prompts), keys_of(prompts, templates=True)
    assert pairwise(all_keys, groups).precision >= 0.70  # several templates ask from one pool of questions
    assert sum(map(len, all_keys)) / len(all_keys) < 3.0
    score = pairwise(tokens, groups)
    assert score.precision >= 0.80
    assert score.recall >= 0.68
    held = [row for row, out in enumerate(held_out(groups)) if out]
    unseen = pairwise([tokens[row] for row in held], [groups[row] for row in held])
    assert unseen.precision >= 0.80
    assert unseen.recall >= 0.60
    assert sum(map(len, tokens)) / len(tokens) < 1.5


def test_free_wordings_of_one_intent_are_not_joined() -> None:
    table = pq.read_table(TEMPLATED)
    table = table.filter(pc.equal(table.column("kind"), "paraphrase"))
    tokens = keys_of(table.column("prompt"))
    assert pairwise(tokens, table.column("group").to_pylist()).recall < 0.001
    assert biggest(tokens) < 10


def test_no_five_strangers_are_joined_beyond_the_same_text() -> None:
    table = pq.read_table(NATURAL)
    users, prompts = table.column("user").to_pylist(), table.column("prompt")
    same = strangers([{prompt} for prompt in prompts.to_pylist()], users)
    assert len(strangers(keys_of(prompts, templates=True), users)) <= len(same)
    assert [size for size in strangers(keys_of(prompts), users) if size > 6] == []  # one question, in other prompts
