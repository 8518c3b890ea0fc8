"""Workers of a real Spark read their slices from an S3 server themselves: the same rows as from a disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from object_store import BUCKET, S3Server

from linkage.errors import InputError
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.jobs.spark.session import cluster
from linkage.simulate import simulate

from .conftest import site_at
from .meanwhile import Meanwhile

_TABLES = {
    "account": "SELECT * FROM account ORDER BY ALL",
    "use": "SELECT account, key, kind, block, bit_or(days), sum(requests), min(first_minute), max(last_minute) "
    "FROM use GROUP BY account, key, kind, block ORDER BY ALL",
    "source": "SELECT digest, tbl, good, rejected, load FROM source ORDER BY ALL",
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a world whose requests are in folders of days, one in Parquet of several row groups and one in CSV."""
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, 2_000, seed=7)
    given = folder / "facts" / "requests.parquet"
    rows = pq.read_table(given)
    given.unlink()
    half = rows.num_rows // 2
    for day in ("day=1", "day=2"):
        (folder / "facts" / "requests" / day).mkdir(parents=True)
    first, second = (folder / "facts" / "requests" / name for name in ("day=1/0.parquet", "day=2/0.csv"))
    pq.write_table(rows.slice(0, half), first, row_group_size=half // 5)
    rest = rows.slice(half)
    rest = rest.set_column(1, "at", rest.column("at").cast("string"))
    columns = {name: rest.column(name).cast("string") for name in rest.column_names}
    pc.write_csv(pa.table(columns), second)
    return folder / "facts"


@pytest.fixture
def site(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Yields a site whose columns are Spark's, with workers that find the S3 server by their own environment."""
    monkeypatch.setattr("linkage.jobs.spark.facts.SLICE_ROWS", 5_000)
    conf = "spark.driver.memory=1g spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 "
    conf += " ".join(f"spark.executorEnv.{name}={value}" for name, value in s3.environ.items())
    (tmp_path / "spark").mkdir()
    local = site_at(tmp_path / "spark").settings
    made = Site(replace(local, engine="spark", spark_master="local[2]", spark_conf=conf))
    yield made
    with cluster(made) as running:
        running.session.stop()


def test_the_same_rows_as_from_a_disk_and_none_of_what_vanishes(
    facts: Path, site: Site, s3: S3Server, tmp_path: Path
) -> None:
    here, url = site_at(tmp_path), s3.put(facts, "facts")
    (one,), (two,) = load(here, facts), load(site, url)
    assert (one.rows_in, one.rows_out, one.counts) == (two.rows_in, two.rows_out, two.counts)
    for query in _TABLES.values():
        with here.working.read() as left, site.working.read() as right:
            assert left.execute(query).fetchall() == right.execute(query).fetchall()
    before = len(s3.fetched())
    assert load(site, url)[0].counts["unchanged"] == 1
    assert len(s3.fetched()) == before
    s3.fs().pipe_file(f"{BUCKET}/facts/requests/day=3/0.csv", (facts / "requests/day=2/0.csv").read_bytes())
    assert load(site, url)[0].counts["unchanged"] == 1  # the same rows under another day are the same facts

    s3.fs().pipe_file(f"{BUCKET}/facts/requests/day=4/0.csv", b"account_id,at\na,2026-01-01\n")
    deed = Meanwhile(lambda: None)
    said = deed.say

    def vanish(text: str, **more: object) -> None:
        said(text, **more)
        if text.startswith("reading requests on Spark"):
            s3.fs().rm_file(f"{BUCKET}/facts/requests/day=4/0.csv")

    deed.say = vanish  # type: ignore[method-assign]
    with pytest.raises(InputError, match=r"requests/day=4/0\.csv cannot be read: it is not there"):
        load(Site(site.settings, deed), url)
    with site.working.read() as con:
        assert con.execute("SELECT max(load) FROM source").fetchall() == [(1,)]
