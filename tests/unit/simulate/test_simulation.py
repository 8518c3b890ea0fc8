"""The files: equal bytes for equal seeds, the facts format, nights that add up, and clear refusals."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from linkage.errors import InputError, SettingsError
from linkage.model.facts import BY_NAME, ColumnType
from linkage.simulate import simulate
from linkage.simulate.traffic import requests, slices
from linkage.simulate.world import build

TABLES = ("accounts", "requests", "payments", "identifiers", "labels")


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_equal_seeds_give_equal_bytes(made, tmp_path):
    simulate(tmp_path / "again", 3000, 7)
    assert contents(tmp_path / "again") == contents(made.folder)


def test_other_seeds_share_no_key(made, tmp_path):
    simulate(tmp_path / "other", 3000, 8)
    other = tmp_path / "other" / "facts"
    for name, column in (("accounts", "account_id"), ("payments", "payment_id")):
        assert not set(made.facts(name)[column]) & set(pd.read_parquet(other / f"{name}.parquet")[column])


def test_tables_are_in_the_facts_format(made):
    for name in TABLES:
        table, wanted = pq.read_table(made.folder / "facts" / f"{name}.parquet"), BY_NAME[name]
        columns = {column.name: column for column in wanted.columns}
        assert set(table.column_names) <= set(columns)
        assert {c.name for c in wanted.columns if c.required} <= set(table.column_names)
        for column in table.column_names:
            if columns[column].required:
                assert table[column].null_count == 0
            if columns[column].type is ColumnType.CHOICE:
                assert set(table[column].unique().to_pylist()) <= set(columns[column].choices)
            if columns[column].type is ColumnType.TIME:
                assert str(table.schema.field(column).type) == "timestamp[us, tz=UTC]"


def test_the_truth_is_apart_and_exact(made):
    assert not list((made.folder / "facts").glob("truth*"))
    assert list(made.truth.columns) == ["account_id", "operator", "campaign", "context", "evader"]
    assert made.truth.notna().all().all()


def test_the_report_is_kept_beside_the_world(made):
    kept = json.loads((made.folder / "world.json").read_text())
    said = made.report.as_dict()
    assert kept == {key: said[key] for key in kept}
    assert sum(kept["contexts"].values()) == kept["accounts"]


def test_nights_add_up_to_the_world(made, tmp_path):
    report = simulate(tmp_path / "w", 3000, 7, nights=3)
    folders = [tmp_path / "w" / night for night in report.facts]
    assert [folder.name for folder in folders] == ["001", "002", "003"]
    for name in ("requests", "payments", "identifiers", "labels"):
        parts = pd.concat([pd.read_parquet(folder / f"{name}.parquet") for folder in folders])
        whole = made.facts(name)
        rows = [np.sort(pd.util.hash_pandas_object(frame, index=False)) for frame in (parts, whole)]
        assert np.array_equal(*rows), name
    days = [pd.read_parquet(folder / "requests.parquet")["at"].dt.day.unique().tolist() for folder in folders]
    assert len(days[0]) == 28
    assert days[1:] == [[30], [31]]


def test_accounts_return_on_the_night_of_their_ban(made, tmp_path):
    report = simulate(tmp_path / "w", 3000, 7, nights=20)
    seen: dict[str, str] = {}
    for night in report.facts:
        for row in pd.read_parquet(tmp_path / "w" / night / "accounts.parquet").itertuples():
            assert seen.get(row.account_id) in (None, "active")
            seen[row.account_id] = row.status
    final = made.facts("accounts").set_index("account_id")["status"].to_dict()
    assert seen == final


def test_fingerprints_on_request(tmp_path):
    simulate(tmp_path / "w", 2000, 1, prompts="fingerprint")
    asked = pd.read_parquet(tmp_path / "w" / "facts" / "requests.parquet")
    assert "prompt" not in asked.columns
    assert asked["prompt_fingerprint"].str.fullmatch(r"[0-9a-f]{10}( [0-9a-f]{10}){0,2}").all()


def test_campaigns_may_share_their_questions():
    def shared(flag):
        world = build(2000, 5, shared_questions=flag)
        a = world.accounts
        return len(np.unique(a.bank[a.operator >= 0]))

    assert (shared(False), shared(True)) == (3, 1)


def test_parts_are_disjoint_bounded_and_in_time_order(made):
    parts = slices(made.world, 20_000)
    assert [low for low, _ in parts[1:]] == [high for _, high in parts[:-1]]
    assert (parts[0][0], parts[-1][1]) == (0, len(made.world.accounts))
    for low, high in parts[:5]:
        part = requests(made.world, low, high)
        assert (np.diff(part.at) >= 0).all()
        assert part.account.min() >= low
        assert part.account.max() < high


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"accounts": 1999}, "2,000"),
        ({"seed": -1}, "--seed"),
        ({"nights": 31}, "--nights"),
        ({"prompts": "none"}, "--prompts"),
    ],
)
def test_settings_that_cannot_be(tmp_path, change, says):
    with pytest.raises(SettingsError, match=says):
        simulate(tmp_path, **({"accounts": 2000, "seed": 1} | change))


def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "old.txt").write_text("keep me")
    with pytest.raises(InputError, match="not an empty folder"):
        simulate(tmp_path, 2000, 1)


def test_progress_reaches_its_end(tmp_path):
    calls = []
    simulate(tmp_path / "w", 2000, 1, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1][0] == calls[-1][1] == len(calls)
