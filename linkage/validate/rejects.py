"""The reject file: which rows were set aside, where they stand and why, with nothing personal in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from linkage.errors import InputError

LIMIT = 100_000
"""Rejects that are written; all are counted."""

NAME = "rejects.jsonl"
_SHORT = 4  # a value of fewer characters would be given away by its first


class RejectFile:
    """Writes one JSON object a line: table, part, line, column, value (masked), reason. Owner-only.

    The file of the load before is removed at once, and a new one made with the first reject.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self.path = None if folder is None else folder / NAME
        self._left = 0 if folder is None else limit
        self._stream: IO[str] | None = None
        if self.path is not None:
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                raise self._failed(error) from error

    @property
    def room(self) -> int:
        """Returns how many more rejects are written."""
        return self._left

    def write(self, row: dict[str, Any]) -> None:
        """Writes one reject, unless the file is full."""
        if self._left == 0:
            return
        self._left -= 1
        try:
            if self._stream is None:
                self._stream = self._open()
            self._stream.write(json.dumps(row, ensure_ascii=True) + "\n")
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Ends the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _open(self) -> IO[str]:
        assert self.path is not None  # noqa: S101 - there is room only with a folder
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return os.fdopen(handle, "w", encoding="ascii")

    def _failed(self, error: OSError) -> InputError:
        return InputError(f"the reject file {self.path} cannot be written: {error.strerror}")


def masked(array: pa.Array, row: int) -> str | None:
    """Returns a value so that it can be found again by its owner and not be read: first character and length.

    Times and numbers that the part itself holds as such are shown.
    """
    array = array.slice(row, 1)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    scalar = array[0]
    if not scalar.is_valid:
        return None
    kind = array.type
    if not any(test(kind) for test in _TEXTS):
        return str(array.cast(pa.string())[0])
    text = scalar.as_buffer().to_pybytes().decode("utf-8", "replace")
    first = text[0] if len(text) >= _SHORT else ""
    return f"{first}… ({len(text)} characters)"


_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
)
