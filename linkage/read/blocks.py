"""The bytes of text files in blocks, unpacked; what is not text in UTF-8 at all is refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import IO, cast

from linkage.errors import InputError
from linkage.read.part import Part, unreadable

BLOCK_BYTES = 16 << 20
"""Bytes that are unpacked and read at a time."""

ROW_BYTES = 16 << 20
"""Longest row of text: beyond it a quote was left open or the file is no table."""

_BOM = b"\xef\xbb\xbf"
_OTHERS = (
    (b"\xff\xfe", "is written in UTF-16: write it in UTF-8"),
    (b"\xfe\xff", "is written in UTF-16: write it in UTF-8"),
    (b"\x00\x00\xfe\xff", "is written in UTF-32: write it in UTF-8"),
    (b"\x1f\x8b", "is packed by gzip: end its name in .gz, or unpack it"),
    (b"PAR1", "is a Parquet file: end its name in .parquet"),
    (b"PK\x03\x04", "is a zip file or a workbook: write it as CSV"),
)


def blocks(part: Part, size: int = BLOCK_BYTES) -> Iterator[tuple[bytes, int]]:
    """Yields blocks of the unpacked text without its byte order mark, and how many bytes of the file are behind.

    InputError: it cannot be read, its gzip is broken or cut off, or its first bytes are those of another format.
    """
    try:
        with part.open() as raw:
            stream = _unpacked(raw) if part.format.compressed else raw
            first = True
            while block := stream.read(size):
                yield _start(part, block) if first else block, raw.tell()
                first = False
    except EOFError as error:
        raise InputError(f"{part.source} is cut off: its gzip stream does not end; write it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{part.source} is not a sound gzip file; write it again") from error
    except OSError as error:
        raise unreadable(part, error) from error


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))


def _start(part: Part, block: bytes) -> bytes:
    for mark, message in _OTHERS:
        if block.startswith(mark):
            raise InputError(f"{part.source} {message}")
    return block.removeprefix(_BOM)
