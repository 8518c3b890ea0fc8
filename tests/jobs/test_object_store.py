"""Facts on a real S3 server: the same rings as from a disk, each object fetched once, and errors without secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow.dataset as pd
import pyarrow.parquet as pq
import pytest
from object_store import BUCKET, KEY, SECRET, S3Server

from linkage.errors import InputError, NotFound
from linkage.jobs.detect import detect
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.night import nightly
from linkage.jobs.site import Site

from .conftest import World, site_at
from .meanwhile import Meanwhile


@pytest.fixture(scope="module")
def days(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the facts of the world with requests in folders of days."""
    folder = tmp_path_factory.mktemp("days")
    for path in world.facts.iterdir():
        if path.stem != "requests":
            (folder / path.name).write_bytes(path.read_bytes())
    rows = pq.read_table(world.facts / "requests.parquet")
    day = rows.column("at").cast("timestamp[us]").cast("date32").cast("string")
    rows = rows.append_column("day", day)
    how = {"partitioning": ["day"], "partitioning_flavor": "hive", "existing_data_behavior": "error"}
    pd.write_dataset(rows, folder / "requests", format="parquet", max_partitions=100, **how)
    return folder


def small(folder: Path, **files: str) -> Path:
    given = {"accounts": "account_id\na\nb\n", "requests": "account_id,at\na,2026-01-01\n"} | files
    folder.mkdir(exist_ok=True)
    for name, text in given.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_the_same_export_to_the_byte_and_nothing_is_fetched_twice(
    world: World, days: Path, s3: S3Server, tmp_path: Path
) -> None:
    url, site = s3.put(days, "prefix/facts"), site_at(tmp_path, world.lists)
    before = len(s3.fetched())
    (report,) = load(site, url)
    asked = Counter(s3.fetched()[before:])
    assert report.counts["parts"] == len(asked) == sum(path.is_file() for path in days.rglob("*")) > 30
    assert max(asked.values()) <= 4  # the footer for a look, its head among it, and the whole
    detect(site)
    export(site, tmp_path / "export")
    for path in world.export.iterdir():
        assert (tmp_path / "export" / path.name).read_bytes() == path.read_bytes()
    before, listings = len(s3.fetched()), s3.listings()
    for again in (url, days):
        (report,) = load(site, again)
        assert report.counts == {"unchanged": 1, "parts": 0}
    assert (len(s3.fetched()), s3.listings()) == (before, listings + 1)


def test_a_new_day_is_all_that_is_fetched(s3: S3Server, tmp_path: Path) -> None:
    site, facts = site_at(tmp_path), small(tmp_path / "facts")
    url = s3.put(facts, "facts")
    load(site, url)
    before = len(s3.fetched())
    s3.fs().pipe_file(f"{BUCKET}/facts/payments/day=2/1.csv", b"account_id,payment_id\na,p\n")
    listings = s3.listings()
    assert load(site, url)[0].rows_out == 1
    assert s3.listings() - listings == 2  # before it is read, and after
    assert set(s3.fetched()[before:]) == {"facts/payments/day=2/1.csv"}


def test_an_object_that_was_written_again_is_looked_at_once(s3: S3Server, tmp_path: Path) -> None:
    site = site_at(tmp_path)
    rows = b"account_id\n" + b"".join(b"account-%d\n" % number for number in range(500_000))
    fs, path = s3.fs(), f"{BUCKET}/facts/accounts.csv"
    fs.pipe_file(path, rows)
    load(site, f"s3://{BUCKET}/facts")
    first = fs.info(path, refresh=True)["ETag"]
    with fs.open(path, "wb", block_size=5 << 20) as stream:
        stream.write(rows)
    assert fs.info(path, refresh=True)["ETag"] != first
    for most in (20, 0):
        before = len(s3.fetched())
        assert load(site, f"s3://{BUCKET}/facts/")[0].counts["unchanged"] == 1
        assert len(s3.fetched()) - before <= most


def test_nights_from_there(s3: S3Server, nights: Path, tmp_path: Path) -> None:
    url, site = s3.put(nights / "nights" / "001", "001"), site_at(tmp_path, nights / "lists")
    outcome = nightly(site, url)
    assert outcome.run.run_id == "run-000001"
    before = len(s3.fetched())
    again = nightly(site, url)
    assert (again.unchanged, again.reports[0].counts["unchanged"]) == (True, 1)
    assert len(s3.fetched()) == before


def _unknown_user(s3: S3Server, patch: pytest.MonkeyPatch) -> None:
    s3.forbid()


def _nobody(_: S3Server, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("AWS_ACCESS_KEY_ID")
    patch.delenv("AWS_SECRET_ACCESS_KEY")


def _away(_: S3Server, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    patch.setenv("AWS_MAX_ATTEMPTS", "1")
    patch.setattr("s3fs.S3FileSystem.retries", 1)


@pytest.mark.parametrize(
    ("deed", "said"),
    [(_unknown_user, "access is denied"), (_nobody, "no credentials were found"), (_away, "cannot be reached")],
)
def test_a_store_that_gives_nothing(
    s3: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[S3Server, pytest.MonkeyPatch], None],
    said: str,
) -> None:
    url, site = s3.put(small(tmp_path / "facts"), "facts"), site_at(tmp_path)
    type(s3.fs()).clear_instance_cache()
    deed(s3, monkeypatch)
    try:
        with pytest.raises(InputError, match=f"{url} cannot be listed: .*{said}"):
            load(site, url)
    finally:
        s3.forbid(yes=False)
    assert not site.working.exists


@pytest.mark.parametrize("prefix", [f"{BUCKET}/nothing", "no-such-bucket/facts"])
def test_what_is_not_there(s3: S3Server, tmp_path: Path, prefix: str) -> None:
    with pytest.raises(InputError, match=f"there is no folder s3://{prefix}"):
        load(site_at(tmp_path), f"s3://{prefix}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("accounts.csv", "accounts.csv was written to while it was read: nothing of the folder was loaded"),
        ("requests.csv", "requests.csv cannot be read: it is not"),
    ],
)
def test_objects_that_change_or_vanish_while_they_are_read(s3: S3Server, tmp_path: Path, name: str, said: str) -> None:
    url, site = s3.put(small(tmp_path / "facts"), "facts"), site_at(tmp_path)
    path = f"{BUCKET}/facts/{name}"

    def deed() -> None:
        s3.fs().rm_file(path) if name == "requests.csv" else s3.fs().pipe_file(path, b"account_id\nc\n")

    with pytest.raises(InputError, match=said):
        load(Site(site.settings, Meanwhile(deed)), url)
    assert not site.working.exists
    small(tmp_path / "facts")
    assert load(site, s3.put(tmp_path / "facts", "facts"))[0].rows_out == 3


def test_the_command_shows_and_keeps_no_secret(s3: S3Server, tmp_path: Path) -> None:
    s3.put(small(tmp_path / "facts"), "facts")
    environ = os.environ | s3.environ | {"LINKAGE_STORE": f"duckdb:{tmp_path}/linkage.duckdb"}

    def run(url: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "linkage", "--json", "--log", "json", "load", url]
        return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)

    done = run(f"s3://{BUCKET}/facts?sig=hidden-signature")
    assert done.returncode == 1  # S3 knows no such parameter: it is part of the prefix
    good = run(f"s3://{BUCKET}/facts")
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout.splitlines()[-1])["parts"] == 2
    bad = run(f"s3://me:hidden-password@{BUCKET}/facts")
    assert bad.returncode == 1
    said = "".join(one.stdout + one.stderr for one in (done, good, bad))
    assert f"s3://{BUCKET}/facts" in said
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*linkage.duckdb*") if path.is_file())
    for secret in ("hidden", KEY, SECRET):
        assert secret not in said
        assert secret.encode() not in kept
    assert BUCKET.encode() not in (tmp_path / "linkage.duckdb.seen").read_bytes()


def test_an_export_into_a_bucket_is_that_into_a_folder(world: World, s3: S3Server, tmp_path: Path) -> None:
    site, url = site_at(tmp_path, world.lists), f"s3://{BUCKET}/exports/today"
    load(site, world.facts)
    with pytest.raises(NotFound, match="nothing is published"):
        export(site, url)
    detect(site)
    rows = export(site, tmp_path / "export")
    s3.fs().pipe_file(f"{BUCKET}/exports/today/notes.txt", b"not ours")
    for form in ("csv", "parquet"):  # the later one takes the place of the other
        assert export(site, url, form) == rows
    assert {path.rsplit("/", maxsplit=1)[1] for path in s3.fs().find(url)} == {
        "notes.txt",
        *(path.name for path in (tmp_path / "export").iterdir()),
    }
    for path in (tmp_path / "export").iterdir():
        assert s3.fs().cat_file(f"{url}/{path.name}") == path.read_bytes()


def test_an_export_that_cannot_be_written_says_why(world: World, s3: S3Server, tmp_path: Path) -> None:
    site = site_at(tmp_path, world.lists)
    load(site, world.facts)
    detect(site)
    with pytest.raises(InputError, match="s3://no-such-bucket/exports cannot be written: it is not there"):
        export(site, "s3://no-such-bucket/exports")
    assert "no-such-bucket" not in {path.split("/")[0] for path in s3.fs().ls("")}
    s3.forbid()
    try:
        with pytest.raises(InputError, match=f"s3://{BUCKET}/exports cannot be written: access is denied"):
            export(site, f"s3://{BUCKET}/exports")
    finally:
        s3.forbid(yes=False)


def test_an_export_into_any_file_system(world: World, tmp_path: Path) -> None:
    site = site_at(tmp_path, world.lists)
    load(site, world.facts)
    detect(site)
    rows = export(site, "memory://exports/of/tests", names=("rings",))
    with fsspec.open("memory://exports/of/tests/rings.parquet") as file:
        assert pq.read_table(file).num_rows == rows["rings"] > 0


def test_an_export_into_a_folder_by_its_url_and_none_into_a_file(world: World, tmp_path: Path) -> None:
    site = site_at(tmp_path, world.lists)
    load(site, world.facts)
    detect(site)
    export(site, f"file://{tmp_path}/by-url", names=("rings",))
    assert (tmp_path / "by-url" / "rings.parquet").is_file()
    (tmp_path / "file").write_text("not ours")
    with pytest.raises(InputError, match="file is no folder that can be written to"):
        export(site, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "not ours"
