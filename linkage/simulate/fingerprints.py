"""Prompts as a gateway's fingerprints: opaque tokens for the template, the wording and the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkage.simulate.content import Form, Prompts
from linkage.simulate.randomness import Anything, Flags, Hashes, below, mix

if TYPE_CHECKING:
    import pyarrow as pa

DIGITS = 10
"""Hexadecimal digits of a token: 40 bits, a dozen chance meetings among a million templates."""


def prompt_fingerprints(prompts: Prompts, seed: int) -> pa.Array:
    """Returns the tokens of each prompt joined by spaces: three for a template, one for most others.

    The template's token changes with the first of its words that a paraphrase changes, the wording's with
    others: a paraphrasing ring has many of each.
    """
    framed = prompts.form == Form.TEMPLATE
    worded = np.where(prompts.variant == 0, 0, prompts.variant)
    way = below(mix(prompts.template, worded, "way"), 24)
    phrase = below(mix(prompts.template, worded, "phrase"), 16)
    whole = mix(seed, prompts.form, prompts.template, np.where(framed, way, 0))
    part = mix(seed, prompts.template, phrase, "wording")
    asked = mix(seed, prompts.question, "question")
    shown = np.stack([prompts.form != Form.CHAT, framed, prompts.form != Form.PUBLIC], axis=1)
    return _strings([whole, part, asked], shown)


def _strings(tokens: list[Hashes], shown: Flags) -> pa.Array:
    """Writes the shown tokens of each row straight into the buffers of a string array."""
    import pyarrow as pa

    rows, width = len(shown), DIGITS + 1
    grid = np.full((rows, len(tokens), width), ord(" "), dtype=np.uint8)
    for column, token in enumerate(tokens):
        grid[:, column, :DIGITS] = _hexadecimal(token)
    kept = np.repeat(shown[:, :, None], width, axis=2)
    kept[np.arange(rows), len(tokens) - 1 - np.argmax(shown[:, ::-1], axis=1), DIGITS] = False  # no last space
    ends = np.cumsum(kept.sum(axis=(1, 2)))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(grid[kept]))


def _hexadecimal(tokens: Hashes) -> Anything:
    """Returns the last `DIGITS` digits of each token as characters, shape (n, DIGITS)."""
    pairs = np.array([list(f"{n:02x}".encode()) for n in range(256)], dtype=np.uint8)
    octets = tokens.view(np.uint8).reshape(-1, 8)[:, : DIGITS // 2]
    return pairs[octets].reshape(-1, DIGITS)
