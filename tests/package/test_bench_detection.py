"""The benchmark of detection: what it leaves out exists, simpler methods do what they say, the page keeps its text."""

from importlib import import_module
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from linkage.evaluate.scoring import score
from linkage.settings import Settings
from linkage.working.schema import ensure_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "benchmarks"))


def test_what_is_left_out_exists():
    variants = import_module("detection.ablations").ablations()
    assert len({variant.name for variant in variants}) == len(variants) > 15
    con = duckdb.connect()
    con.execute("ATTACH ':memory:' AS working")
    con.execute("USE working")
    ensure_schema(con, "test")
    for variant in variants:
        Settings(**variant.settings)
        for place, change in variant.names.items():
            module, name = place.split(":")
            change(getattr(import_module(module), name))
        for table, query in variant.views.items():
            con.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {query}")
            columns = con.execute(f"SELECT * FROM {table}").description
            assert columns == con.execute(f"SELECT * FROM working.{table}").description


@pytest.fixture
def facts(tmp_path):
    """Six accounts on one card and one address, six on an address that twelve strangers use too, and the strangers."""
    ring, crowd = [f"r{n}" for n in range(6)], [f"c{n}" for n in range(18)]
    accounts = [*ring, *crowd]
    at = pd.Timestamp("2026-03-02T10:00:00Z")
    requests = {"account_id": accounts, "at": at, "ip": ["1.2.3.4"] * 6 + ["5.6.7.8"] * 18, "prompt": accounts}
    pd.DataFrame(requests).to_parquet(tmp_path / "requests.parquet")
    pd.DataFrame({"account_id": ring, "payment_id": "one"}).to_parquet(tmp_path / "payments.parquet")
    devices = {"account_id": accounts, "kind": "device", "value": accounts}
    pd.DataFrame(devices).to_parquet(tmp_path / "identifiers.parquet")
    return tmp_path


@pytest.mark.parametrize(("method", "flagged"), [("components", 24), ("capped_components", 6), ("louvain", 6)])
def test_simpler_methods(facts, method, flagged):
    members = getattr(import_module("detection.baselines"), method)(facts)
    assert len(members) == flagged
    truth = pd.DataFrame({"account_id": [f"r{n}" for n in range(6)], "operator": "o", "campaign": "c"})
    scores = score(members, truth.assign(context="ring", evader="lazy"), 0.0)
    assert scores.accounts.recall == scores.operator_recovery.share == 1.0


def test_a_figure_knows_its_bar():
    figure = import_module("detection.figures").Figure
    more, less = figure("more", float, 0.9), figure("less", float, 2.0, less=True, digits=1)
    assert [more.met(value) for value in (0.8994, 0.8996, None)] == [False, True, False]
    assert [less.met(value) for value in (2.04, 2.06, None)] == [True, False, True]


def test_the_page_has_its_marks_and_keeps_its_text(tmp_path):
    page = import_module("detection.page")
    text = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1
    copy = tmp_path / "detection.md"
    copy.write_text(text, encoding="utf-8")
    page.write(copy, [])
    made = copy.read_text(encoding="utf-8")
    assert made.split(page.BEGIN)[0] == text.split(page.BEGIN)[0]
    assert made.split(page.END)[1] == text.split(page.END)[1]
    copy.write_text("no marks", encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks the lines"):
        page.write(copy, [])
