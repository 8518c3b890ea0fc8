"""Fingerprints of the prompts in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.fingerprint.characters import characters
from linkage.fingerprint.frame import room, skeletons
from linkage.fingerprint.lexicon import lexicon
from linkage.fingerprint.wording import WORDING
from linkage.kernels.buffers import StringBuffers, frozen, string_buffers
from linkage.kernels.siphash import siphash_strings
from linkage.kernels.tokens import siphash_tokens
from linkage.keys import Keyring

KIND = "prompt"
_SKELETON_KIND = "prompt skeleton"
_BUFFER = 4 << 20
_ENDS = 1 << 16

PromptKeys = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]
"""Bounds (rows + 1) and keys: those of row i are `keys[bounds[i]:bounds[i + 1]]`."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of a batch, by row: row number, key, and whether the key is of words, all or a filling's."""

    rows: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    whole: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)


def fingerprint_batch(prompts: pa.Array | pa.ChunkedArray, keyring: Keyring) -> Fingerprints:
    """Returns the fingerprints of each prompt, none for a null or one that says too little; five at most.

    Prompts that share one use the same template, or, where it is `whole`, the same words or one question. A prompt's
    do not depend on the prompts beside it. They are SipHash-2-4 of skeletons, under a key of the ring.
    """
    rows, keys, whole = [], [], []
    for number, text, wording in _skeleton_batches(prompts):
        rows.append(number)
        keys.append(siphash_strings(text, keyring.pair(_SKELETON_KIND)))
        whole.append(wording)
    return Fingerprints(
        np.concatenate([np.empty(0, np.int64), *rows]),
        np.concatenate([np.empty(0, np.uint64), *keys]),
        np.concatenate([np.empty(0, np.bool_), *whole]),
    )


def prompt_skeletons(prompts: pa.Array | pa.ChunkedArray) -> list[list[str]]:
    """Returns the skeletons of each prompt as text: to see why prompts match, never to be stored or logged."""
    found: list[list[str]] = [[] for _ in range(len(prompts))]
    for number, text, _ in _skeleton_batches(prompts):
        for row, skeleton in zip(number.tolist(), text.to_pylist(), strict=True):
            found[row].append(skeleton)
    return found


def prompt_keys(batch: pa.RecordBatch, keyring: Keyring) -> PromptKeys | None:
    """Returns the keys of the fingerprints in a batch of requests, those made here and those given; None: no prompt.

    A row with `prompt_fingerprint` is not fingerprinted again; its fingerprints are hashed once more, so that
    a gateway that does not key them is no worse off.
    """
    names = set(batch.schema.names)
    given = batch.column("prompt_fingerprint") if "prompt_fingerprint" in names else None
    if given is not None and given.null_count == len(given):
        given = None
    prompts = batch.column("prompt") if "prompt" in names else None
    if prompts is None or prompts.null_count == len(batch):
        return None if given is None else siphash_tokens(given, keyring.pair(KIND))
    if given is None:
        made = fingerprint_batch(prompts, keyring)
        return _bounds(made.rows, len(batch)), made.keys
    made = fingerprint_batch(pc.if_else(pc.is_valid(given), pa.scalar(None, prompts.type), prompts), keyring)
    bounds, keys = siphash_tokens(given, keyring.pair(KIND))
    rows = np.concatenate([np.repeat(np.arange(len(batch)), np.diff(bounds)), made.rows])
    order = np.argsort(rows, kind="stable")
    return _bounds(rows, len(batch)), np.concatenate([keys, made.keys])[order]


def _bounds(rows: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Returns where the keys of each of `count` rows begin, and the end, once they are in order of rows."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(rows, minlength=count), dtype=np.int64)))


def _skeleton_batches(
    prompts: pa.Array | pa.ChunkedArray,
) -> Iterator[tuple[npt.NDArray[np.int64], pa.Array, npt.NDArray[np.bool_]]]:
    """Yields row numbers, skeletons and whether each is a wording."""
    text = string_buffers(_compatible(prompts))
    longest = int(np.diff(text.offsets).max(initial=0))
    out = np.empty(max(_BUFFER, int(room(longest))), np.uint8)
    ends, rows = np.empty(_ENDS, np.int64), np.empty(_ENDS, np.int64)
    first, count = 0, len(text.offsets) - 1
    while first < count:
        first, made = _fill(text, first, longest, out, ends, rows)
        offsets = np.concatenate([np.zeros(1, np.int64), ends[:made]])
        wording = out[offsets[:-1]] == WORDING
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(out[: offsets[-1]].copy())]
        yield rows[:made].copy(), pa.Array.from_buffers(pa.large_string(), made, buffers), wording


def _fill(
    text: StringBuffers,
    first: int,
    longest: int,
    out: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
) -> tuple[int, int]:
    tables = tuple(frozen(table, table.dtype) for table in characters())
    words = tuple(frozen(column, column.dtype) for column in lexicon())
    after, made = skeletons(tuple(text), first, tables, words, longest, out, ends, rows)
    return int(after), int(made)


def _compatible(prompts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Returns the prompts with compatibility forms folded (NFKC), which leaves ASCII as it is."""
    array = pa.concat_arrays(prompts.chunks) if isinstance(prompts, pa.ChunkedArray) and prompts.chunks else prompts
    if isinstance(array, pa.ChunkedArray):
        array = pa.array([], pa.string())
    if array.type not in (pa.string(), pa.large_string()):
        array = array.cast(pa.large_string())
    plain = pc.fill_null(pc.string_is_ascii(array), True)
    if pc.all(plain, min_count=0).as_py():
        return array
    folded = pc.utf8_normalize(array.filter(pc.invert(plain)), form="NFKC")
    return pc.replace_with_mask(array, pc.invert(plain), folded)
