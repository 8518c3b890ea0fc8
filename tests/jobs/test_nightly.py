"""The nightly job: night after night, gate, resume, change file, exit statuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from linkage.cli import cli
from linkage.errors import GateRefused, InputError, LockHeld, StoreError
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.night import night as steps
from linkage.jobs.night import nightly
from linkage.jobs.night.changes import members
from linkage.jobs.night.journal import Journal
from linkage.jobs.site import Site
from linkage.model.history import Stay
from linkage.model.rings import Role

from .conftest import KEY, NIGHTS, site_at
from .lived import copy, last, some, state


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_night_publishes_one_run_as_load_and_detect_would(lived: Site, nights: Path, tmp_path: Path) -> None:
    by_hand = site_at(tmp_path, nights / "lists")
    for night in range(1, NIGHTS):
        load(by_hand, nights / "nights" / f"{night:03}")
        detect(by_hand)
    one, two = state(lived), state(by_hand)
    assert [run[0] for run in one.pop("runs")] == [run[0] for run in two.pop("runs")]
    assert one == two
    assert not lived.working.beside(".night").exists()
    assert not lived.working.beside(".found").exists()


def test_the_change_file_says_what_changed(lived: Site) -> None:
    folder = lived.working.beside(".nights") / "changes"
    with lived.open() as store:
        runs, events = store.runs(), store.events(limit=100_000)
        now = {one.account_id: one.ring_id for one in store.all_members((Role.CORE, Role.MEMBER))}
    assert sorted(path.stem for path in folder.iterdir()) == sorted(run.run_id for run in runs)
    place: dict[str, str] = {}
    for run in reversed(runs):
        rows = lines(folder / f"{run.run_id}.ndjson")
        assert (rows[0]["record"], rows[0]["run_id"], rows[0]["counts"]) == ("run", run.run_id, run.counts)
        told = Counter((row["ring_id"], row["event"]) for row in rows if row["record"] == "event")
        assert told == Counter((event.ring_id, event.event.value) for event in events if event.run_id == run.run_id)
        for row in rows:
            if row["record"] == "member":
                if row["from_role"] in ("core", "member"):
                    assert place.pop(row["account_id"]) == row["from_ring_id"]
                if row["role"] in ("core", "member"):
                    assert place.setdefault(row["account_id"], row["ring_id"]) == row["ring_id"]
    assert place == now


def test_the_same_facts_again_move_nobody(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    before = state(site)
    outcome = nightly(site, nights / "nights" / f"{NIGHTS - 1:03}")
    assert (outcome.changes, outcome.unchanged) == ({}, True)
    assert state(site) == before
    assert "linkage_nightly_rows 0.0" in (site.working.beside(".nights") / "linkage.prom").read_text()


def test_the_summary_of_a_night_without_facts_tells_of_no_rows(
    lived: Site, nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(lived, tmp_path)
    with site.open() as store:
        assert store.current_run().counts["rows"] > 0  # type: ignore[union-attr]
    monkeypatch.setenv("LINKAGE_KEY", KEY)
    monkeypatch.setenv("LINKAGE_LISTS", site.settings.lists)
    folder = str(nights / "nights" / f"{NIGHTS - 1:03}")
    cli.main(["--json", "--store", site.settings.store, "nightly", folder], standalone_mode=False)
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["unchanged"], told["parts"], told["rows"], told["rejected"]) == (1, 0, 0, 0)


def test_an_unusual_amount_is_refused_before_it_is_loaded(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    before = site.working.path.read_bytes()
    few = some(last(nights), tmp_path / "few", "hash(account_id) % 50 = 0")
    with pytest.raises(GateRefused, match="rows of facts"):
        nightly(site, few)
    assert site.working.path.read_bytes() == before
    outcome = nightly(site, few, force=True)
    assert outcome.run.run_id == f"run-{NIGHTS:06}"
    assert [reason.split(":")[0] for reason in outcome.forced] == ["rows of facts"]
    assert str(outcome.run.settings["forced"]).startswith("rows of facts: ")


def test_many_rejects_are_refused_and_the_corrected_facts_taken(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    bad = tmp_path / "bad"
    shutil.copytree(last(nights), bad)
    (bad / "requests.parquet").unlink()
    rows = duckdb.sql(f"SELECT * EXCLUDE (\"at\"), 'yesterday' AS \"at\" FROM '{last(nights) / 'requests.parquet'}'")
    rows.write_csv(str(bad / "requests.csv"))
    with pytest.raises(GateRefused) as refused:
        nightly(site, bad)
    assert any("rejected rows" in reason for reason in refused.value.reasons)
    shutil.rmtree(bad)
    shutil.copytree(last(nights), bad)
    assert nightly(site, bad).run.counts["rejected"] == 0


def test_rings_that_vanish_are_refused_and_the_last_good_run_stands(lived: Site, nights: Path, tmp_path: Path) -> None:
    strict = copy(lived, tmp_path, ring_bits=1000)
    before = state(strict)
    with pytest.raises(GateRefused) as refused:
        nightly(strict, last(nights))
    assert any(reason.startswith("accounts that left their ring") for reason in refused.value.reasons)
    after = state(strict)
    assert all(after[name] == before[name] for name in ("runs", "rings", "members", "events"))
    outcome = nightly(strict, last(nights), force=True)
    assert outcome.resumed == ["load", "link", "find"]
    assert outcome.run.run_id == f"run-{NIGHTS:06}"


@pytest.mark.parametrize("at", ["link_accounts", "find", "keep", "publish", "write_changes", "write_metrics"])
def test_a_night_that_died_goes_on_where_it_died(
    lived: Site, nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    (tmp_path / "whole").mkdir()
    whole = copy(lived, tmp_path / "whole")
    nightly(whole, last(nights))
    site = copy(lived, tmp_path)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(steps, at, die)
        with pytest.raises(KeyboardInterrupt):
            nightly(site, last(nights))
    order = ["load", "link", "find", "publish", "changes"]
    finished = {"link_accounts": 1, "find": 2, "keep": 2, "publish": 3, "write_changes": 4, "write_metrics": 5}[at]
    outcome = nightly(site, last(nights))
    assert outcome.resumed == order[:finished]
    assert state(site) == state(whole)
    name = f"changes/run-{NIGHTS:06}.ndjson"
    written = [lines(one.working.beside(".nights") / name) for one in (site, whole)]
    for rows in written:
        rows[0].pop("finished")
    assert written[0] == written[1]


def test_a_run_that_nobody_was_told_of_is_told_of_by_the_next_night(
    lived: Site, nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(lived, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "write_changes", full)
        with pytest.raises(OSError, match="No space"):
            nightly(site, last(nights))
    nightly(site, some(last(nights), tmp_path / "next", "hash(account_id) % 2 = 0"))
    changes = site.working.beside(".nights") / "changes"
    assert sorted(path.name for path in changes.iterdir()) == [f"run-{n:06}.ndjson" for n in range(1, NIGHTS + 2)]


def test_a_detect_in_between_stands_and_is_told_of(
    lived: Site, nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(lived, tmp_path)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(steps, "publish", die)
        with pytest.raises(KeyboardInterrupt):
            nightly(site, last(nights))
    detect(site)
    outcome = nightly(site, last(nights))
    assert (outcome.run.run_id, outcome.unchanged) == (f"run-{NIGHTS:06}", True)
    assert (site.working.beside(".nights") / "changes" / f"run-{NIGHTS:06}.ndjson").exists()


def test_a_clock_that_was_set_back_is_noticed_and_nothing_is_rejected(
    lived: Site, nights: Path, tmp_path: Path
) -> None:
    site = copy(lived, tmp_path)
    before = site.working.path.read_bytes()
    ahead = time.time() + 3600
    os.utime(site.working.path, (ahead, ahead))
    with pytest.raises(InputError, match="the clock says"):
        nightly(site, last(nights))
    assert site.working.path.read_bytes() == before
    os.utime(site.working.path)
    assert nightly(site, last(nights)).run.counts["rejected"] == 0


def test_two_nights_at_once_one_runs(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    command = [sys.executable, "-m", "linkage", "--json", "--store", site.settings.store, "nightly", str(last(nights))]
    environ = os.environ | {"LINKAGE_KEY": KEY, "LINKAGE_LISTS": site.settings.lists}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environ}
    with subprocess.Popen(command, **pipes) as one:
        while not site.working.beside(".night").exists() and one.poll() is None:
            time.sleep(0.005)
        two = subprocess.run(command, check=False, **pipes)
        with pytest.raises(LockHeld):
            nightly(site_at(tmp_path), last(nights))
        out, err = one.communicate()
    assert (two.returncode, two.stdout) == (4, "")
    assert "lock" in two.stderr
    assert one.returncode == 0, err
    figures = json.loads(out.splitlines()[-1])
    assert (figures["command"], figures["run_id"], figures["resumed"]) == ("nightly", f"run-{NIGHTS:06}", [])
    assert {"rows", "rejected", "rings", "members", "churn", "changes", "change_file", "seconds"} <= set(figures)


def test_refused_is_3_with_the_reasons_and_metrics(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    few = some(last(nights), tmp_path / "few", "false")
    command = [sys.executable, "-m", "linkage", "--json", "--log", "json", "--store", site.settings.store]
    environ = os.environ | {"LINKAGE_KEY": KEY, "LINKAGE_METRICS": str(tmp_path / "linkage.prom")}
    done = subprocess.run([*command, "nightly", str(few)], capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["refused"][0].startswith("rows of facts: ")
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert (logged[-1]["level"], logged[-1]["error"], logged[-1]["exit_status"]) == ("error", "GateRefused", 3)
    assert "linkage_nightly_last_exit_status 3.0" in (tmp_path / "linkage.prom").read_text()


def test_a_store_that_was_replaced_by_something_else_is_a_clear_error(tmp_path: Path, nights: Path) -> None:
    site = site_at(tmp_path)
    site.working.path.write_bytes(b"not a store")
    with pytest.raises(StoreError, match="cannot be opened"):
        nightly(site, last(nights))


def test_the_journal_is_beside_the_store(lived: Site) -> None:
    assert Journal(lived.working.beside(".night")).folder == ""


def test_runs_of_other_commands_are_told_of_and_files_that_were_taken_away_stay_away(
    lived: Site, nights: Path, tmp_path: Path
) -> None:
    site = copy(lived, tmp_path)
    changes = site.working.beside(".nights") / "changes"
    nightly(site, last(nights))  # one more: the copy has no note of what was told before
    for path in changes.iterdir():
        path.unlink()
    for _ in range(2):
        detect(site, again=True)
    assert nightly(site, last(nights)).unchanged
    assert sorted(path.name for path in changes.iterdir()) == [f"run-{n:06}.ndjson" for n in (NIGHTS + 1, NIGHTS + 2)]
    for path in changes.iterdir():
        path.unlink()
    nightly(site, last(nights))
    assert not list(changes.iterdir())


@pytest.mark.parametrize("roles", [(Role.CORE, Role.BYSTANDER), (Role.BYSTANDER, Role.MEMBER)])
def test_a_member_that_becomes_a_bystander_of_its_ring_has_changed_its_role(roles: tuple[Role, Role]) -> None:
    before, after = roles
    stays = [
        Stay("r1", "a", before, "run-000001", "run-000002"),
        Stay("r1", "a", after, "run-000002"),
        Stay("r2", "b", before, "run-000001", "run-000002"),
        Stay("r1", "b", after, "run-000002"),
    ]
    rows = [(row["account_id"], row["change"], row["from_role"], row["role"]) for row in members(stays, "run-000002")]
    assert rows[0] == ("a", "changed_role", before.value, after.value)
    assert sorted(change for account, change, *_ in rows if account == "b") == ["joined", "left"]
