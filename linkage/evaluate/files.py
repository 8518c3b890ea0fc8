"""Tables of an export or a truth from files, as text: one file, or a folder of parts, in the formats of the facts."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from linkage.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")


def find(folder: Path, name: str) -> list[Path]:
    """Returns the files of a table in a folder: `name.csv` and the like, or the parts in a folder `name/`.

    InputError where there is none, or the table is there twice.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one that holds the table {name}")
    found = [folder / f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").is_file()]
    found += [folder / name] if parts(folder / name) else []
    if not found:
        endings = ", ".join(name + suffix for suffix in SUFFIXES)
        raise InputError(f"{folder} has no table {name} ({endings}, or a folder {name}/ of such parts)")
    if len(found) > 1:
        raise InputError(f"{folder} has the table {name} twice: {found[0].name} and {found[1].name}")
    return found if found[0].is_file() else parts(found[0])


def parts(folder: Path) -> list[Path]:
    """Returns the parts of a table in a folder and those below it, without what is hidden or an engine's own."""
    if not folder.is_dir():
        return []
    below = (path for path in sorted(folder.rglob("*")) if path.name.endswith(SUFFIXES) and path.is_file())
    return [path for path in below if not any(name.startswith((".", "_")) for name in path.relative_to(folder).parts)]


def read(paths: Sequence[Path], columns: tuple[str, ...]) -> pd.DataFrame:
    """Returns the wanted columns of all parts as text, with nothing in place of a missing value."""
    import pandas as pd

    return pd.concat([_part(path, columns) for path in paths], ignore_index=True)


def _part(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return pd.DataFrame(_lines(path, columns), columns=list(columns), dtype=object)
    table = _table(path, columns)
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise InputError(f"{path} has no column {missing[0]}; it needs {', '.join(columns)}")
    frame: pd.DataFrame = table.select(list(columns)).to_pandas()
    return frame.astype("string").fillna("").astype(object)


def _lines(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Returns the rows of a file of JSON lines; a key that a line lacks is nothing there, but for the first column."""
    rows = []
    try:
        with _opened(path) as lines:
            for number, line in _filled(lines):
                row = _object(line)
                if row is None or row.get(columns[0]) is None:
                    raise InputError(f"{path}, line {number}, is no JSON object with {columns[0]}")
                rows.append(tuple("" if row.get(name) is None else str(row[name]) for name in columns))
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    return rows


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _filled(lines: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _object(line: bytes) -> dict[str, object] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _table(path: Path, columns: tuple[str, ...]):  # type: ignore[no-untyped-def] # pyarrow has no types
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".parquet":
            return pq.ParquetFile(path).read()
        as_text = pa_csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string()))  # an id 007 is not 7
        with pa.input_stream(path, compression="detect") as stream:
            return pa_csv.read_csv(stream, convert_options=as_text)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
