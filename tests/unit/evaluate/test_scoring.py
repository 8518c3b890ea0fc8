"""Scores of hand-made worlds, and every input that cannot be scored."""

import gzip
import json

import pandas as pd
import pytest

from linkage.errors import InputError
from linkage.evaluate import evaluate, table

TRUTH = [
    *((f"a{n}", "op1", "c1", "ring", "lazy") for n in range(6)),
    *((f"b{n}", "op2", "c2", "ring", "careful") for n in range(6)),
    *((f"h{n}", "", "", "home", "") for n in range(8)),
    *((f"o{n}", "", "", "office", "") for n in range(4)),
    *((f"y{n}", "", "", "bystander", "") for n in range(3)),
]
RINGS = [("r1", "active", "x", "k1"), ("r2", "active", "y", "k2")]
MEMBERS = [
    *(("r1", f"a{n}", "core") for n in range(6)),
    *(("r2", f"b{n}", "member") for n in range(3)),
    ("r2", "o0", "member"),
    ("r1", "y0", "bystander"),
    ("r1", "h0", "bystander"),
    ("r2", "b5", "bystander"),
    ("r2", "y1", "member"),
]


def write(folder, *, rings=RINGS, members=MEMBERS, truth=TRUTH, suffix="parquet", sep_truth=True):
    tables = {
        "rings": pd.DataFrame(rings, columns=["ring_id", "status", "operator_id", "campaign_id"]),
        "members": pd.DataFrame(members, columns=["ring_id", "account_id", "role"]),
    }
    (folder / "truth").mkdir()
    frame = pd.DataFrame(truth, columns=["account_id", "operator", "campaign", "context", "evader"])
    frame.to_parquet(folder / "truth" / "truth.parquet")
    for name, made in tables.items():
        if suffix == "parquet":
            made.to_parquet(folder / f"{name}.parquet")
        else:
            made.to_csv(folder / f"{name}.{suffix}", index=False)
    return folder, folder / "truth"


@pytest.mark.parametrize("suffix", ["parquet", "csv", "csv.gz"])
def test_hand_made_world(tmp_path, suffix):
    scores = evaluate(*write(tmp_path, suffix=suffix))
    assert (scores.flagged, scores.unknown, scores.found_rings, scores.true_operators) == (11, 0, 2, 2)
    assert scores.accounts.precision == pytest.approx(9 / 11)
    assert scores.accounts.recall == pytest.approx(9 / 12)
    assert scores.accounts.f1 == pytest.approx(18 / 23)
    assert scores.evaders["lazy"].share == 1.0
    assert scores.evaders["careful"].share == 0.5
    assert scores.innocents.per_10000 == pytest.approx(10_000 * 2 / 15)
    assert scores.contexts["office"].per_10000 == pytest.approx(2500)
    assert scores.contexts["home"].flagged == 0
    assert scores.operator_recovery.found == 1  # op2: 3 of 6 with two strangers is Jaccard 3/8
    assert (scores.campaigns.accounts, scores.campaigns.found) == (9, 9)
    assert (scores.bystanders.accounts, scores.bystanders.found) == (3, 2)
    assert (scores.bystanders_flagged.accounts, scores.bystanders_flagged.found) == (3, 1)
    assert scores.bystanders_named.found == 1


def test_flagged_innocents_belong_with_nobody(tmp_path):
    scores = evaluate(*write(tmp_path))
    # true pairs: 15 in r1, 3 of the 10 in r2
    assert scores.rings.pairwise.precision == pytest.approx(18 / 25)
    assert scores.rings.pairwise.recall == 1.0
    assert scores.everyone.items == 14
    assert scores.everyone.pairwise.recall == pytest.approx(18 / 30)


def test_rings_of_one_operator_join_in_the_operator_layer(tmp_path):
    rings = [("r1", "active", "x", ""), ("r2", "active", "x", ""), ("r3", "active", "", "")]
    members = [("r1" if n < 3 else "r2", f"a{n}", "core") for n in range(6)]
    members += [("r3", f"b{n}", "core") for n in range(6)]
    scores = evaluate(*write(tmp_path, rings=rings, members=members))
    assert scores.operators.ari == 1.0
    assert scores.rings.pairwise.recall == pytest.approx((3 + 3 + 15) / 30)
    assert (scores.operator_recovery.accounts, scores.operator_recovery.found) == (2, 2)
    assert scores.campaigns.found == 0


def test_one_found_campaign_stands_for_one_true_campaign(tmp_path):
    rings = [("r1", "active", "x", "k"), ("r2", "active", "y", "k")]
    members = [("r1", f"a{n}", "core") for n in range(6)] + [("r2", f"b{n}", "core") for n in range(4)]
    assert evaluate(*write(tmp_path, rings=rings, members=members)).campaigns.share == pytest.approx(0.6)


def test_members_of_dissolved_and_merged_rings_are_not_flagged(tmp_path):
    rings = [("r1", "dissolved", "x", ""), ("r2", "merged", "y", "")]
    assert evaluate(*write(tmp_path, rings=rings)).flagged == 0


def test_nothing_found_scores_and_prints(tmp_path):
    scores = evaluate(*write(tmp_path, rings=[], members=[]))
    assert scores.accounts.precision is None
    assert scores.accounts.recall == 0.0
    assert table(scores).row_count > 10
    json.dumps(scores.as_dict(), allow_nan=False)


def test_accounts_that_the_truth_does_not_know_are_counted_and_left_out(tmp_path):
    scores = evaluate(*write(tmp_path, members=[*MEMBERS, ("r1", "stranger", "core")]))
    assert (scores.flagged, scores.unknown) == (11, 1)


def test_truth_as_a_table_or_as_the_worlds_folder(tmp_path):
    folder, truth = write(tmp_path)
    inside = evaluate(folder, folder).as_dict() | {"seconds": 0}
    assert inside == evaluate(folder, truth / "truth.parquet").as_dict() | {"seconds": 0}


def as_lines(frame, path):
    lines = [json.dumps({name: value for name, value in row.items() if value}) for row in frame.to_dict("records")]
    text = "\n".join([*lines, ""]).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


@pytest.mark.parametrize(
    "name", ["truth.jsonl", "truth.jsonl.gz", "truth/part-0.jsonl", "part-0.csv", "day=1/a.parquet"]
)
def test_truth_in_every_format_and_in_parts(tmp_path, name):
    folder, truth = write(tmp_path)
    expected = evaluate(folder, truth).as_dict() | {"seconds": 0}
    frame = pd.read_parquet(truth / "truth.parquet")
    (truth / "truth.parquet").unlink()
    (truth / "_SUCCESS").write_text("")
    path = truth / name
    path.parent.mkdir(exist_ok=True)
    two = (
        {path: frame} if path.parent == truth and "truth" in name else {path: frame[:9], path.with_stem("z"): frame[9:]}
    )
    for one, rows in two.items():
        if one.suffix == ".parquet":
            rows.to_parquet(one)
        elif one.suffix == ".csv":
            rows.to_csv(one, index=False)
        else:
            as_lines(rows, one)
    for given in (folder, truth):
        assert evaluate(folder, given).as_dict() | {"seconds": 0} == expected


def test_accounts_that_look_like_numbers_are_names(tmp_path):
    folder, truth = write(
        tmp_path,
        members=[("r1", "007", "core")],
        truth=[("007", "op", "", "ring", ""), ("7", "", "", "home", "")],
        suffix="csv",
    )
    pd.read_parquet(truth / "truth.parquet").to_csv(truth / "truth.csv", index=False)
    (truth / "truth.parquet").unlink()
    assert evaluate(folder, truth).accounts.precision == 1.0


def test_a_line_of_a_truth_that_is_no_row_is_named(tmp_path):
    folder, truth = write(tmp_path)
    (truth / "truth.parquet").unlink()
    for line in ("{", "[" * 5_000, "7", "{}"):
        (truth / "truth.jsonl").write_text('{"account_id": "a0"}\n\n' + line + "\n")
        with pytest.raises(InputError, match=r"truth\.jsonl, line 3, is no JSON object with account_id"):
            evaluate(folder, truth)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"members": [*MEMBERS, ("r2", "a0", "member")]}, "at most one ring"),
        ({"members": [*MEMBERS, ("r9", "a0", "bystander")]}, "rings do not list"),
        ({"members": [("r1", "a0", "boss")]}, "«boss»"),
        ({"rings": [*RINGS, RINGS[0]]}, "ring_id twice"),
        ({"truth": [*TRUTH, TRUTH[0]]}, "1 accounts twice"),
        ({"truth": []}, "no rows"),
    ],
)
def test_what_cannot_be_scored(tmp_path, change, says):
    with pytest.raises(InputError, match=says):
        evaluate(*write(tmp_path, **change))


@pytest.mark.parametrize("name", ["rings.parquet", "members.parquet", "truth/truth.parquet"])
def test_missing_table(tmp_path, name):
    folder, truth = write(tmp_path)
    (folder / name).unlink()
    with pytest.raises(InputError, match="has no table"):
        evaluate(folder, truth)


def test_missing_column_broken_file_no_folder_and_two_of_one_table(tmp_path):
    folder, truth = write(tmp_path)
    members = pd.read_parquet(folder / "members.parquet")
    members.drop(columns="role").to_parquet(folder / "members.parquet")
    with pytest.raises(InputError, match="no column role"):
        evaluate(folder, truth)
    (folder / "members.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="cannot be read"):
        evaluate(folder, truth)
    members.to_csv(folder / "members.csv", index=False)
    with pytest.raises(InputError, match="twice"):
        evaluate(folder, truth)
    with pytest.raises(InputError, match="not a folder"):
        evaluate(folder / "nowhere", truth)
