"""The columns on a real Spark: the same links to the bit and the same rings as on one machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linkage.detect import partition
from linkage.detect.pieces import held_together
from linkage.errors import EngineError, SettingsError
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.jobs.spark import pieces_on_spark
from linkage.jobs.spark.session import cluster
from linkage.model.columns import read_links
from linkage.settings import Settings
from linkage.simulate import simulate

_TABLES = {
    "link": "SELECT * FROM link",
    "ring": "SELECT * EXCLUDE (run_id) FROM ring",
    "member": "SELECT * EXCLUDE (since) FROM member",
    "account": "SELECT * FROM account",
}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Yields two sites with the rings of one world: one found in this process, one by Spark."""
    folder = tmp_path_factory.mktemp("spark")
    simulate(folder / "world", 2_000, seed=7)
    local = Site(Settings(store=f"duckdb:{folder / 'local.duckdb'}", lists=str(folder / "world" / "lists")))
    conf = "spark.driver.memory=1g spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1"
    spark = Site(
        replace(
            local.settings,
            store=f"duckdb:{folder / 'spark.duckdb'}",
            engine="spark",
            spark_master="local[2]",
            spark_conf=conf,
        )
    )
    load(local, folder / "world" / "facts")
    for ending in ("", ".key"):
        shutil.copyfile(local.working.beside(ending), spark.working.beside(ending))
    detect(local)
    detect(spark)
    yield local, spark
    with cluster(spark) as running:
        running.session.stop()


def _rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    with site.working.read() as con:
        return con.execute(f"{query} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("table", _TABLES)
def test_what_is_found_is_the_same(sites: tuple[Site, Site], table: str) -> None:
    here, there = (_rows(site, _TABLES[table]) for site in sites)
    assert len(here) >= 5
    assert there == here


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
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    site = Site(replace(sites[1].settings, cache=str(tmp_path / "it's here")))
    with cluster(site):  # the session that runs is taken
        java = Path(os.environ["JAVA_HOME"], "bin", "java")
    monkeypatch.delenv("JAVA_HOME")
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
