"""The main job on the embedded store: facts in, rings out, the same from whatever way the facts come in."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from linkage.evaluate import evaluate
from linkage.jobs.detect import detect
from linkage.jobs.explain import explainer
from linkage.jobs.export import export
from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.kinds import BEHAVIOUR, FACETS
from linkage.model.weights import chance_millibits
from linkage.working.schema import read_chance

from .conftest import World, site_at

TABLES = ("rings", "members", "links", "events")


def _same_tables(one: Path, two: Path, form: str) -> bool:
    return all((one / f"{name}.{form}").read_bytes() == (two / f"{name}.{form}").read_bytes() for name in TABLES)


def _copy(world: World, folder: Path) -> Site:
    """Returns a site of its own with a copy of the world's store."""
    site = site_at(folder, world.lists)
    shutil.copyfile(world.site.working.path, site.working.path)
    return site


def test_finds_the_rings_and_leaves_innocents_alone(world: World) -> None:
    scores = evaluate(world.export, world.truth)
    assert scores.unknown == 0
    assert scores.accounts.precision is not None
    assert scores.accounts.precision >= 0.9
    assert scores.accounts.recall is not None
    assert scores.accounts.recall >= 0.6


def test_steps_report_what_they_did(world: World) -> None:
    loaded = world.reports["load"]
    assert loaded.rows_in == loaded.rows_out > 100_000
    assert loaded.counts["accounts"] == 2200
    assert world.reports["publish"].counts["rings"] == pd.read_parquet(world.export / "rings.parquet").shape[0]
    assert list(world.reports) == ["load", "link", "detect", "rank", "publish"]


def test_the_same_folder_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    site = _copy(world, tmp_path)
    before = site.working.path.read_bytes()
    (report,) = load(site, world.facts)
    assert report.counts["unchanged"] == 1
    assert report.rows_in == 0
    assert site.working.path.read_bytes() == before


def test_detecting_again_finds_the_same_rings_and_nothing_to_tell(world: World, tmp_path: Path) -> None:
    site = _copy(world, tmp_path)
    detect(site, again=True)
    export(site, tmp_path / "export")
    for name in TABLES:
        first, second = (pd.read_parquet(folder / f"{name}.parquet") for folder in (world.export, tmp_path / "export"))
        pd.testing.assert_frame_equal(first, second)
    with site.open() as store:
        run = store.current_run()
        assert run is not None
        assert run.run_id == "run-000002"
        assert {event.run_id for event in store.events()} == {"run-000001"}


@pytest.fixture(scope="module")
def other(world: World, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Returns a store of its own with the same secret, filled from the same facts as shuffled, split CSV."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "facts").mkdir()
    for file in sorted(world.facts.iterdir()):
        rows = duckdb.sql(f"SELECT * FROM '{file}' ORDER BY hash(COLUMNS(*)), random()")
        if file.stem == "requests":
            (folder / "facts" / "requests").mkdir()
            rows.filter("hash(account_id) % 2 = 0").write_csv(str(folder / "facts" / "requests" / "one.csv"))
            rows.filter("hash(account_id) % 2 = 1").write_csv(str(folder / "facts" / "requests" / "two.csv"))
        else:
            rows.write_csv(str(folder / "facts" / f"{file.stem}.csv"))
    site = site_at(folder, world.lists, threads=1)
    load(site, folder / "facts")
    detect(site)
    return site


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_equal_facts_give_an_equal_export_to_the_byte(world: World, other: Site, tmp_path: Path, form: str) -> None:
    first = world.export if form == "parquet" else tmp_path / "one"
    if form != "parquet":
        export(world.site, first, form)
    export(other, tmp_path / "two", form)
    assert _same_tables(first, tmp_path / "two", form)


def test_an_explanation_gives_the_bits_of_the_stored_link(world: World) -> None:
    with world.site.open() as store:
        links = pa.concat_tables(list(store.link_table())).to_pylist()
        ids = sorted({row[end] for row in links for end in ("account_a", "account_b")})
        explain = explainer(store, ids, world.site.settings)
    assert len(links) > 1000
    for row in links:
        found = explain.evidence(row["account_a"], row["account_b"])
        facets = {one.facet.value: one.counted for one in found.facets}
        expected = {facet.value: row[facet.value] for facet in FACETS if row[facet.value]}
        assert {name: round(bits, 3) for name, bits in facets.items() if bits} == expected
        assert (round(found.bits, 3), found.grade) == (row["bits"], row["grade"])
        dated = [thing for thing in found.things if thing.facet not in BEHAVIOUR and thing.first_seen is not None]
        if dated:  # the link's dates are days, and also those of shared things that are worth nothing
            assert row["first_seen"] <= min(thing.first_seen for thing in dated if thing.first_seen)
            assert row["last_seen"].date() >= max(thing.last_seen for thing in dated if thing.last_seen).date()


def test_exported_evidence_adds_up_to_the_links(world: World) -> None:
    rows = pd.read_parquet(world.export / "links.parquet")
    assert (rows["account_a"] < rows["account_b"]).all()
    kinds = rows.groupby(["account_a", "account_b", "facet", "kind"])["bits"].sum()
    with world.site.open() as store:
        links = pa.concat_tables(list(store.link_table())).to_pandas().set_index(["account_a", "account_b"])
    with world.site.working.read() as con:
        breadth = dict(con.execute("SELECT id, breadth[3] FROM account JOIN habit USING (account)").fetchall())
        chance = read_chance(con)
    caps = {facet.value: 12.0 if facet.value == "timing" else 20.0 for facet in FACETS}
    charge = [
        chance_millibits(chance, breadth[a] + breadth[b]) / 1000 if kind == "prompt" else 0.0
        for a, b, _, kind in kinds.index
    ]
    facets = (kinds - charge).clip(lower=0).groupby(["account_a", "account_b", "facet"]).max().unstack().fillna(0)
    stored = links.loc[facets.index]
    for name, cap in caps.items():
        found = facets[name].clip(upper=cap) if name in facets else 0.0
        assert (abs(found - stored[name]) < 1e-6).all(), name


def test_a_part_that_lies_twice_in_a_folder_counts_once(world: World, tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    for folder in (once, twice):
        (folder / "labels").mkdir(parents=True)
        for table in ("accounts", "payments"):
            shutil.copy(world.facts / f"{table}.parquet", folder)
        shutil.copy(world.facts / "labels.parquet", folder / "labels" / "a.parquet")
    shutil.copy(world.facts / "labels.parquet", twice / "labels" / "b.parquet")
    reports = [load(site_at(folder), folder)[0] for folder in (once, twice)]
    assert reports[0].rows_in == reports[1].rows_in
