"""The commands as a user runs them: a world, an export of its truth, its score."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from linkage.cli.context import Context
from linkage.cli.evaluate import evaluate_command
from linkage.cli.simulate import simulate_command
from linkage.settings import Settings


def run(command, *words, as_json=True):
    context = Context(Settings(), as_json=as_json, quiet=True)
    done = CliRunner().invoke(command, [str(word) for word in words], obj=context, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[-1]) if as_json else done.stdout


def export_of(truth, folder):
    """Writes the export of a detector that is always right."""
    fakes = truth[truth["operator"] != ""]
    rings = fakes.groupby(["operator", "campaign"], as_index=False).size()
    rings["ring_id"] = "ring-" + rings.index.astype(str)
    members = fakes.merge(rings, on=["operator", "campaign"])[["ring_id", "account_id"]].assign(role="core")
    crowd = truth.loc[truth["context"] == "bystander", ["account_id"]]
    named = crowd.assign(ring_id=rings["ring_id"].iloc[-1], role="bystander")
    rings = rings.rename(columns={"operator": "operator_id", "campaign": "campaign_id"}).assign(status="active")
    rings.to_parquet(folder / "rings.parquet")
    pd.concat([members, named]).to_csv(folder / "members.csv.gz", index=False)


def test_a_perfect_export_of_a_world_scores_one(tmp_path):
    world = tmp_path / "world"
    report = run(simulate_command, world, "--accounts", 2000, "--seed", 4)
    assert report["requests"] > 100_000
    assert report["seconds"] > 0
    truth = pd.read_parquet(world / "truth" / "truth.parquet")
    export_of(truth, tmp_path)
    scores = run(evaluate_command, tmp_path, "--truth", world / "truth")
    assert scores["accounts"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert scores["operators"]["ari"] == scores["everyone"]["ari"] == 1.0
    assert scores["innocents"]["flagged"] == 0
    shares = ("operator_recovery", "cell_recovery", "campaigns", "bystanders", "bystanders_named")
    assert [scores[name]["share"] for name in shares] == [1.0] * 5
    assert all(group["share"] == 1.0 for group in scores["evaders"].values())
    assert scores["bystanders_flagged"]["found"] == 0


@pytest.mark.parametrize("width", [60, 160])
def test_people_get_a_table_and_where_things_are(tmp_path, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    said = run(simulate_command, tmp_path / "w", "--accounts", 2000, "--seed", 4, "--nights", 2, as_json=False)
    assert "nights/001" in said
    export_of(pd.read_parquet(tmp_path / "w" / "truth" / "truth.parquet"), tmp_path)
    shown = run(evaluate_command, tmp_path, "--truth", tmp_path / "w", as_json=False)
    assert "1.000" in shown
    assert "careful" in shown
