"""The numbered graph equals the graph by ids."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.graph import numbered_uses_schema
from linkage.settings import Settings
from linkage.stores.duckdb import DuckDBStore, numbered


def _site(folder: Path) -> Site:
    """Returns the site of two loads: uses of three blocks of 64 days, without a day, of two loads, of one account."""
    site = Site(Settings(store=f"duckdb:{folder / 'x.duckdb'}"))
    rows = [
        f"a{account:02},2026-0{month}-03T0{account % 7}:00:00Z,1.2.3.{account % 5}"
        for account in range(40)
        for month in (1, 2, 5)
    ]
    cards = [f"a{account:02},card{account // 2}," for account in range(39)]
    later = [
        f"a{account:02},2026-0{month}-04T01:00:00Z,1.2.3.{account % 5}" for account in range(10) for month in (2, 8)
    ]
    for name, requests, payments in (("one", rows, cards), ("two", later, ["a05,card2,2026-03-01T00:00:00Z"])):
        (folder / name).mkdir()
        (folder / name / "accounts.csv").write_text("account_id\n" + "".join(f"a{n:02}\n" for n in reversed(range(41))))
        (folder / name / "requests.csv").write_text("account_id,at,ip\n" + "\n".join(requests))
        (folder / name / "payments.csv").write_text("account_id,payment_id,at\n" + "\n".join(payments))
        load(site, folder / name)
    return site


@pytest.mark.parametrize("nodes", [7, 500_000])
def test_it_equals_the_graph_by_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nodes: int) -> None:
    monkeypatch.setattr(numbered, "RANGE_NODES", nodes)
    with DuckDBStore(_site(tmp_path).working) as store:
        graph, known = store.numbered_graph(), store.graph()
        accounts, identifiers, uses = (
            [row for table in tables for row in table.to_pylist()]
            for tables in (graph.accounts, graph.identifiers, graph.uses)
        )
        assert sorted(accounts, key=lambda row: row["id"]) == pa.concat_tables(known.accounts).to_pylist()
        assert identifiers == pa.concat_tables(known.identifiers).to_pylist()
        named = [
            {"account_id": accounts[row.pop("account")]["id"], "key": identifiers[row.pop("identifier")]["key"]} | row
            for row in uses
        ]
        assert (
            sorted(named, key=lambda row: (row["account_id"], row["key"])) == pa.concat_tables(known.uses).to_pylist()
        )
        assert max(len(row["days"]) for row in named) == 5
        assert any(row["days"] == [] for row in named)


def test_its_uses_have_the_schema_also_where_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts" / "accounts.csv").write_text("account_id\na\n")
    site = Site(Settings(store=f"duckdb:{tmp_path / 'x.duckdb'}"))
    load(site, tmp_path / "facts")
    with DuckDBStore(site.working) as store:
        graph = store.numbered_graph()
        assert [table.num_rows for table in graph.accounts] == [1]
        assert list(graph.identifiers) == []
        assert all(table.schema == numbered_uses_schema() for table in graph.uses)
