"""Checks of columns that hold text: identifiers, attributes, choices, addresses, prompts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.kernels.buffers import as_text
from linkage.kernels.ip import parse_ips
from linkage.kernels.strings import (
    CONTROL,
    FINE,
    MISSING,
    NOT_UTF8,
    PADDED,
    TOO_LONG,
    check_prose,
    check_strings,
)
from linkage.model.batches import CODES, Reason
from linkage.model.facts import MAX_VALUE_BYTES, Column

MAX_PROMPT_BYTES = 10 << 20
"""Longest prompt, in bytes of UTF-8."""

Codes = npt.NDArray[np.uint8]


class Checked(NamedTuple):
    """A column after its check: its arrays by name, and the code of the reason per row (None: all are good).

    What stands in the arrays in bad rows means nothing.
    """

    arrays: dict[str, pa.Array]
    codes: Codes | None


_REASONS = np.zeros(2 * PADDED, np.uint8)
_REASONS[TOO_LONG] = CODES[Reason.TOO_LONG]
_REASONS[NOT_UTF8] = CODES[Reason.NOT_UTF8]
_REASONS[CONTROL] = CODES[Reason.CONTROL]
_REQUIRED = _REASONS.copy()
_REQUIRED[MISSING] = CODES[Reason.MISSING]


def check_text(column: Column, array: pa.Array) -> Checked:
    """Checks one-line text of at most 1,024 bytes; white space around it is cut off, and nothing is left: null."""
    if _absent(column, array):
        return Checked({column.name: pa.nulls(len(array), pa.string())}, None)
    text, codes = trimmed(array, MAX_VALUE_BYTES)
    return Checked({column.name: text}, reasons(column, codes))


def check_prompt(column: Column, array: pa.Array) -> Checked:
    """Checks free text of at most 10 MiB; empty text is null."""
    if _absent(column, array):
        return Checked({column.name: pa.nulls(len(array), pa.string())}, None)
    text = as_text(array)
    codes = check_prose(text, MAX_PROMPT_BYTES)
    return Checked({column.name: _without(text, codes == MISSING)}, reasons(column, codes))


def check_choice(column: Column, array: pa.Array) -> Checked:
    """Checks a value against the allowed ones, without case; what a missing one means is for who knows the store."""
    text, codes = trimmed(array, MAX_VALUE_BYTES)
    bad = reasons(column, codes)
    usable = codes & (PADDED - 1) == FINE
    place = pc.index_in(pc.ascii_lower(_without(text, ~usable)), value_set=pa.array(column.choices))
    strange = usable & place.is_null().to_numpy(zero_copy_only=False)
    if strange.any():
        bad = np.where(strange, np.uint8(CODES[Reason.CHOICE]), 0 if bad is None else bad)
    return Checked({column.name: pa.array(column.choices).take(place)}, bad)


def check_ip(column: Column, array: pa.Array) -> Checked:
    """Checks addresses and adds their words and family; see `kernels.ip` for what is taken."""
    text = as_text(array)
    words = parse_ips(text)
    codes = None
    if np.count_nonzero(words[2]) + text.null_count < len(text):  # the second look is only for the few
        text, found = trimmed(text, MAX_VALUE_BYTES)
        words = parse_ips(text)
        codes = np.where((found != MISSING) & (words[2] == 0), np.uint8(CODES[Reason.NOT_IP]), np.uint8(0))
    high, low, family = (pa.array(part) for part in words)
    name = column.name
    return Checked({name: text, f"{name}_hi": high, f"{name}_lo": low, f"{name}_family": family}, codes)


def trimmed(array: pa.Array, limit: int) -> tuple[pa.Array, Codes]:
    """Returns one-line text without white space around it, null where nothing is left, and its codes."""
    text = as_text(array)
    codes = check_strings(text, limit)
    if codes.max(initial=FINE) >= PADDED:
        text = pc.ascii_trim_whitespace(text)
    return _without(text, codes == MISSING), codes


def reasons(column: Column, codes: Codes) -> Codes | None:
    """Returns the reasons for the codes of `kernels.strings`, None where every row is good."""
    found = (_REQUIRED if column.required else _REASONS)[codes]
    return found if found.any() else None


def _absent(column: Column, array: pa.Array) -> bool:
    """Whether there is nothing to check: most tables lack most of their optional columns."""
    return not column.required and array.null_count == len(array)


def _without(text: pa.Array, rows: npt.NDArray[np.bool_]) -> pa.Array:
    """Returns the text with nulls in these rows (those of the array among them)."""
    if np.count_nonzero(rows) == text.null_count:
        return text
    return pc.if_else(pa.array(rows), pa.scalar(None, pa.string()), text)
