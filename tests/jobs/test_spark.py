"""The columns on a real Spark: the same links to the bit and the same rings as on one machine."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from linkage.detect import partition
from linkage.detect.pieces import held_together
from linkage.errors import EngineError, InputError, SettingsError
from linkage.jobs.load import load, reject_folder
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.jobs.spark import pieces_on_spark
from linkage.jobs.spark.session import cluster
from linkage.model.columns import read_links
from linkage.settings import Settings
from linkage.simulate import simulate

_TABLES = {
    "account": "SELECT * FROM account",
    "use": "SELECT account, key, kind, block, bit_or(days), sum(requests), min(first_minute), max(last_minute) "
    "FROM use GROUP BY account, key, kind, block",
    "listed place": "SELECT * FROM listed_place",
    "sealed": "SELECT key FROM sealed",
    "source": "SELECT * FROM source",
    "identifier": "SELECT * FROM identifier",
    "incidence": "SELECT * FROM incidence",
    "habit": "SELECT * FROM habit",
    "chance": "SELECT value FROM meta WHERE name = 'chance'",
    "link": "SELECT * FROM link",
    "ring": "SELECT * EXCLUDE (run_id) FROM ring",
    "member": "SELECT * FROM member",
}
"""What the working file holds after the night."""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a world whose requests are in Parquet with several row groups, and in CSV with rows that are bad."""
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, 2_000, seed=7)
    given = folder / "facts" / "requests.parquet"
    requests = pq.read_table(given)
    given.unlink()
    given.with_suffix("").mkdir()
    half = requests.num_rows // 2
    pq.write_table(requests.slice(0, half), given.with_suffix("") / "requests-0.parquet", row_group_size=half // 5)
    rest = requests.slice(half)
    rest = rest.set_column(1, "at", rest.column("at").cast(pa.string()))
    columns = {name: rest.column(name).cast(pa.string()) for name in rest.column_names}
    bad = {name: pa.chunked_array([["somebody", "nobody"]], pa.string()) for name in columns}
    bad |= {"at": pa.chunked_array([["2026-02-30", rest.column("at")[0].as_py()]], pa.string())}
    bad |= {"ip": pa.chunked_array([["10.0.0.1", "300.0.0.1"]], pa.string())}
    pc.write_csv(pa.concat_tables([pa.table(columns), pa.table(bad)]), given.with_suffix("") / "requests-1.csv")
    return folder


@pytest.fixture(scope="module")
def sites(facts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Yields two sites with the rings of one world: one by a night in this process, one by a night on Spark."""
    folders = [tmp_path_factory.mktemp(name) for name in ("local", "spark")]
    key = "a secret that both sites have"
    stores = [f"duckdb:{folder}/x.duckdb" for folder in folders]
    local = Settings(store=stores[0], key=key, keep_values=1, lists=str(facts / "lists"))
    conf = "spark.driver.memory=1g spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1"
    spark = replace(local, store=stores[1], engine="spark", spark_master="local[2]", spark_conf=conf)
    made = Site(local), Site(spark)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linkage.jobs.spark.facts.SLICE_ROWS", 5_000)
        reports = [nightly(site, facts / "facts").reports[0] for site in made]
    assert [report.rejected for report in reports] == [2, 2]
    here, there = (dict(report.counts) for report in reports)
    assert here | {"reject_file": ""} == there | {"reject_file": ""}
    yield made
    with cluster(made[1]) as running:
        running.session.stop()


def _rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    with site.working.read() as con:
        return con.execute(f"{query} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("table", _TABLES)
def test_what_is_found_is_the_same(sites: tuple[Site, Site], table: str) -> None:
    here, there = (_rows(site, _TABLES[table]) for site in sites)
    assert here
    assert there == here


def test_rejected_rows_are_told_alike(sites: tuple[Site, Site]) -> None:
    here, there = ((reject_folder(site) / "rejects.jsonl").read_text(encoding="utf-8") for site in sites)
    assert here == there
    assert "2026-02-30" not in here


def test_a_part_that_is_damaged_is_named(sites: tuple[Site, Site], tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\na\n", encoding="utf-8")
    given = tmp_path / "requests.csv.gz"
    given.write_bytes(gzip.compress(b"account_id,at\n" + b"a,2026-01-01T00:00:00Z\n" * 99)[:-9])
    before = _rows(sites[1], "SELECT * FROM source")
    with pytest.raises(InputError, match=r"requests\.csv\.gz"):
        load(sites[1], tmp_path)
    assert _rows(sites[1], "SELECT * FROM source") == before


def test_a_component_too_large_is_cut_by_a_rising_threshold_on_both(sites: tuple[Site, Site]) -> None:
    local, spark = sites
    with local.working.read() as con:
        links = read_links(con)
        accounts = int(con.execute("SELECT count(*) FROM account").fetchall()[0][0])
    strong = links.take(links.grade == 0)
    whole, _ = held_together(strong.a, strong.b, strong.bits, accounts)
    most = int(np.bincount(whole[strong.a]).max()) - 1
    assert not held_together(strong.a, strong.b, strong.bits, accounts, most)[1].all()
    found = pieces_on_spark(spark, links, most)
    assert set(found) == set(np.concatenate((strong.a, strong.b)).tolist())
    assert partition(links, accounts, found).tolist() == partition(links, accounts, most=most).tolist()


def test_nothing_is_left_in_the_folder_of_the_exchange(sites: tuple[Site, Site]) -> None:
    folder = sites[1].working.beside(".spark")
    assert os.listdir(folder) == []


def test_a_machine_without_java_uses_the_runtime_of_the_wheel(
    sites: tuple[Site, Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "")  # what is set under test is taken back after it, set before or not
    monkeypatch.setattr(shutil, "which", lambda _: None)
    site = Site(replace(sites[1].settings, cache=str(tmp_path / "it's here")))
    with cluster(site):  # the session that runs is taken
        java = Path(os.environ["JAVA_HOME"], "bin", "java")
    said = subprocess.run(
        [java, "--add-modules=jdk.incubator.vector", "-version"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr


def test_a_setting_of_another_form_is_refused(sites: tuple[Site, Site]) -> None:
    site = Site(replace(sites[1].settings, spark_conf="driver.memory=1g"))
    with pytest.raises(SettingsError, match="LINKAGE_SPARK_CONF"), cluster(site):
        pass


def test_what_spark_fails_of_is_told_without_rows(sites: tuple[Site, Site], tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"Spark failed \(AnalysisException\)"), cluster(sites[1]) as running:
        running.session.read.parquet(str(tmp_path / "missing"))
