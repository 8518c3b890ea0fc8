"""Folders behind URLs, on a store in memory: the same parts as on disk, and errors without secrets."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from facts_writers import FORMATS, Row, write_table
from fsspec.implementations.memory import MemoryFileSystem

from linkage.errors import InputError
from linkage.read import FactsFolder, Part, batches, open_folder
from linkage.read.faults import hidden

AT = "2026-11-01T10:00:00Z"


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    fs = MemoryFileSystem()
    fs.store.clear()
    yield fs
    fs.store.clear()


def upload(fs: MemoryFileSystem, folder: Path, to: str = "/facts") -> str:
    for path in folder.rglob("*"):
        if path.is_file():
            fs.pipe_file(f"{to}/{path.relative_to(folder)}", path.read_bytes())
    return f"memory:/{to}"


def rows(found: FactsFolder) -> list[list[dict[str, Any]]]:
    return [[row for raw in batches(part) for row in raw.rows.to_pylist()] for part in found.parts]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    given: list[Row] = [{"account_id": f"a{number}", "at": AT, "ip": "1.2.3.4"} for number in range(500)]
    write_table(tmp_path, "accounts", given, "csv", ["account_id"])
    for place, ending in enumerate(FORMATS):
        write_table(tmp_path / "requests" / f"day={place}", "part-0", given, ending, ["account_id", "at", "ip"])
    write_table(tmp_path / "identifiers" / "kind=a%20b", "1", [{"account_id": "a", "value": "v"}], "jsonl", [])
    return tmp_path


def test_it_is_read_as_on_disk(memory: MemoryFileSystem, facts: Path) -> None:
    here, there = open_folder(facts), open_folder(upload(memory, facts))
    assert [(part.source, part.size) for part in there.parts] == [(part.source, part.size) for part in here.parts]
    assert there.notes == here.notes
    assert rows(there) == rows(here)
    assert [part.digest() for part in there.parts] == [part.digest() for part in here.parts]
    for part in there.parts:
        with part.at_hand() as near:
            assert near.digest() == part.digest()
            assert near.size == part.size
        assert pickle.loads(pickle.dumps(part)) == part  # noqa: S301 - workers are sent parts


def test_what_memory_cannot_hold_is_read_where_it_lies(
    memory: MemoryFileSystem, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part, *_) = open_folder(upload(memory, facts)).parts
    for most, held in ((part.size, True), (part.size - 1, False)):
        monkeypatch.setattr("linkage.read.objects.HELD_BYTES", most)
        with part.at_hand() as near:
            assert (near != part) is held
            assert sum(raw.rows.num_rows for raw in batches(near)) == 500
            assert near.digest() == part.digest()


def test_a_large_object_comes_in_ranges(memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.read.objects.RANGE_BYTES", 1000)
    text = "account_id\n" + "".join(f"account-{number}\n" for number in range(5000))
    memory.pipe_file("/facts/accounts.csv", text.encode())
    (part,) = open_folder("memory://facts").parts
    with part.at_hand() as near, near.open() as stream:
        assert stream.read().decode() == text


def test_only_the_columns_that_are_read_are_fetched(memory: MemoryFileSystem, tmp_path: Path) -> None:
    ids = [f"account-{number}" for number in range(20_000)]
    table = pa.table({"account_id": ids, "plan": [one * 9 for one in ids]})
    pq.write_table(table, tmp_path / "accounts.parquet", use_dictionary=False, compression="none")
    (part,) = open_folder(upload(memory, tmp_path)).parts
    asked: list[int] = []
    taken = memory.cat_file

    def cat_file(path: str, start: int, end: int) -> bytes:
        asked.append(end - start)
        return bytes(taken(path, start=start, end=end))

    memory.cat_file = cat_file
    try:
        assert sum(raw.rows.num_rows for raw in batches(part, ["account_id"])) == 20_000
    finally:
        del memory.cat_file
    assert sum(asked) < part.size / 4


def test_a_world_and_what_tools_leave_and_a_truth(memory: MemoryFileSystem) -> None:
    memory.pipe_file("/world/facts/accounts.csv", b"account_id\n")
    memory.pipe_file("/world/facts/.hidden/accounts.csv", b"")
    memory.pipe_file("/world/facts/_SUCCESS", b"")
    memory.pipe_file("/world/truth/truth.csv", b"account_id\n")
    found = open_folder("memory://world")
    assert (found.root.shown, [part.source for part in found.parts]) == ("memory://world/facts", ["accounts.csv"])
    memory.pipe_file("/world/facts/truth/a.csv", b"")
    with pytest.raises(InputError, match=r"memory://world/facts holds a truth \(truth\)"):
        open_folder("memory://world")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("accounts.csv.gz", gzip.compress(b"account_id\na\n" * 1000)[:-9], r"accounts\.csv\.gz is cut off"),
        ("accounts.parquet", b"PAR1....PAR1", r"accounts\.parquet is not a sound Parquet"),
        ("accounts.parquet", b"", r"accounts\.parquet is not a sound Parquet"),
        ("accounts.csv", b"", r"accounts\.csv is empty"),
        ("requests.csv", b"account_id,at\n", r"memory://facts has no table «accounts»"),
        ("notes.txt", b"", r"memory://facts has no facts"),
    ],
)
def test_bad_input_is_as_clear_as_on_disk(memory: MemoryFileSystem, name: str, data: bytes, said: str) -> None:
    memory.pipe_file(f"/facts/{name}", data)
    with pytest.raises(InputError, match=said):
        rows(open_folder("memory://facts"))


def test_what_is_not_there_or_vanishes(memory: MemoryFileSystem) -> None:
    with pytest.raises(InputError, match="there is no folder memory://nowhere"):
        open_folder("memory://nowhere")
    memory.pipe_file("/facts/accounts.csv", b"account_id\na\n")
    with pytest.raises(InputError, match=r"accounts\.csv is a file"):
        open_folder("memory://facts/accounts.csv")
    found = open_folder("memory://facts")
    (part,) = found.parts
    memory.pipe_file("/facts/accounts.csv", b"account_id\n")
    with pytest.raises(InputError, match=r"accounts\.csv cannot be read: it is not as long"), part.at_hand():
        pass
    assert found.now([part]) != [(part, part.stamp())]
    memory.rm("/facts/accounts.csv")
    for read in (part.digest, lambda: list(batches(part)), lambda: found.now([part])):
        with pytest.raises(InputError, match="cannot be read: it is "):
            read()


def test_a_time_alone_tells_a_file_once_it_lies_well_behind(memory: MemoryFileSystem) -> None:
    def mark(**ago: float) -> str:
        memory.pipe_file("/facts/accounts.csv", b"account_id\n")
        memory.store["/facts/accounts.csv"].created = datetime.now(UTC) - timedelta(**ago)
        (part,) = open_folder("memory://facts").parts
        return part.mark()

    assert mark(minutes=50) == ""
    assert len({mark(hours=2), mark(hours=3)} - {""}) == 2


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a/prefix/", "s3://bucket/a/prefix"),
        ("s3://bucket", "s3://bucket"),
        ("sftp://me:se/cr:et@host:22/facts", "sftp://host:22/facts"),
        ("https://token@host/facts?sig=secret#secret", "https://host/facts"),
        ("abfs://container@account.dfs.core.windows.net/facts?sig=secret", None),
        ("simplecache::ftp://me:secret@host/x/", "simplecache::ftp://host/x"),
        ("zip://facts::https://me:secret@host/a.zip?sig=secret", "zip://facts::https://host/a.zip"),
    ],
)
def test_no_secret_of_a_url_is_shown(url: str, shown: str | None) -> None:
    assert hidden(url) == (shown or url.split("?", maxsplit=1)[0])
    assert "secret" not in hidden(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gs://me:secret@bucket/facts?sig=secret", "gs://bucket/facts needs a library .* pip install gcsfs"),
        ("nothing://me:secret@bucket/facts", "nothing://bucket/facts is of no kind that fsspec knows"),
    ],
)
def test_what_cannot_be_opened_is_told_without_secrets(url: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        open_folder(url)
    assert "secret" not in str(caught.value)


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(InputError, match=r's3://bucket needs fsspec: pip install "linkage\[cloud\]"'):
        open_folder("s3://bucket")


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\n")
    (part,) = open_folder(f"file://{tmp_path}").parts
    assert isinstance(part, Part)
    assert part.file.arrow() == tmp_path / "accounts.csv"
