"""What a sign-up would link to is what it does link to once it is loaded; and nothing is written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linkage.errors import InputError, NotFound
from linkage.jobs.attach import SIGN_UP, Attacher
from linkage.jobs.detect import detect
from linkage.jobs.explain import explainer
from linkage.jobs.load import load
from linkage.model.rings import Role

from .conftest import KEY, World, site_at

TABLES = ("accounts", "requests", "payments", "identifiers")


def _facts(world: World, account: str) -> dict[str, list[dict[str, Any]]]:
    """Returns the facts of an account of the world as JSON has them, without its name."""
    found = {}
    for table in TABLES:
        rows = pd.read_parquet(world.facts / f"{table}.parquet", filters=[("account_id", "=", account)])
        found[table] = json.loads(rows.drop(columns="account_id").to_json(orient="records", date_format="iso"))
    return found


@pytest.fixture(scope="module")
def member(world: World) -> tuple[str, str]:
    """A ring, and the account in it with the fewest requests of those that are linked inside."""
    with world.site.open() as store:
        ring = store.rings(1)[0].ring_id
        core = [one.account_id for one in store.members(ring) if one.role is Role.CORE]
        return ring, min(core, key=lambda one: (store.accounts([one])[one].requests, one))


def test_it_would_link_to_what_it_does_link_to_once_it_is_loaded(
    world: World, member: tuple[str, str], tmp_path: Path
) -> None:
    ring, account = member
    facts = _facts(world, account)
    site = site_at(tmp_path, world.lists)
    shutil.copyfile(world.site.working.path, site.working.path)
    before = site.working.path.read_bytes()
    with site.open() as store, Attacher(site, store) as attacher:
        found = attacher.attach(facts)
    assert site.working.path.read_bytes() == before
    assert (found.account_id, found.run_id) == (SIGN_UP, "run-000001")
    assert found.rings[0].ring_id == ring
    assert all(one.links > 0 for one in found.rings)
    assert {one.evidence.account_a for one in found.accounts} == {SIGN_UP}
    (tmp_path / "night").mkdir()
    for table, rows in facts.items():
        pd.DataFrame(rows).assign(account_id=SIGN_UP).to_json(
            tmp_path / "night" / f"{table}.jsonl", orient="records", lines=True
        )
    load(site, tmp_path / "night")
    detect(site)
    with site.open() as store:
        explain = explainer(store, [SIGN_UP, *(one.account_id for one in found.accounts)], site.settings)
        links = store.links(SIGN_UP)
    assert account in {one.account_id for one in found.accounts if one.linked}
    assert links[0].bits == pytest.approx(found.accounts[0].evidence.bits, abs=3.0)
    for one in found.accounts:
        now = explain.evidence(SIGN_UP, one.account_id)
        facets = {facet.facet: facet.counted for facet in now.facets}
        assert one.evidence.bits == pytest.approx(now.bits, abs=3.0)
        for facet in one.evidence.facets:
            assert facet.counted == pytest.approx(facets.get(facet.facet, 0.0), abs=2.0)


def test_an_innocent_links_to_nobody(world: World) -> None:
    truth = pd.read_parquet(world.truth / "truth.parquet")
    alone = truth[(truth["context"] == "benign") & (truth["operator"] == "")]["account_id"].iloc[:3]
    with world.site.open() as store, Attacher(world.site, store) as attacher:
        for account in alone:
            facts = _facts(world, account)
            facts["payments"], facts["identifiers"] = [], []
            facts["requests"] = [row | {"ip": "192.0.2.7"} for row in facts["requests"]]
            found = attacher.attach(facts)
            assert not any(one.linked for one in found.accounts)
            assert found.needed > 10


def test_one_after_another_leaves_no_trace_of_the_one_before(world: World, member: tuple[str, str]) -> None:
    with world.site.open() as store, Attacher(world.site, store) as attacher:
        first = attacher.attach(_facts(world, member[1]))
        nothing = attacher.attach({"accounts": [{"account_id": "new"}]})
        assert (nothing.account_id, nothing.identifiers, nothing.rings, nothing.accounts) == ("new", 0, (), ())
        assert attacher.attach(_facts(world, member[1])) == first


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"request": []}, "«request» is no table of facts"),
        ({"requests": {"at": "2026-03-01"}}, "must be a list of rows"),
        ({"requests": [{"ip": "10.0.0.1"}]}, "1 × missing value"),
        ({"requests": [{"at": "2026-03-01", "ip": "10.0.0.999"}]}, "1 × not an IP address"),
        ({"\ud83d": []}, "«\ufffd» is no table of facts"),
        ({"requests": [{"at": "2026-03-01", "prompt": ["999"]}]}, "1 × a list or an object instead of a value"),
        ({"requests": [{"at": "2026-03-01", "prompt": {"999": 1}}, {"at": []}]}, "2 × a list or an object"),
        ({"identifiers": [{"kind": "device", "value": ["999"]}]}, "1 × a list or an object instead of a value"),
        ({"identifiers": [{"kind": "\ud83d999", "value": "a"}]}, "1 × not UTF-8"),
        ({"payments": [{"payment_id": 1.5}, {"payment_id": True}]}, "2 × not an id"),
        ({"accounts": [{"account_id": ["999"]}]}, "1 × a list or an object instead of a value"),
        ({"requests": [{"at": 20260301}]}, "1 × not a time"),
        ({"accounts": [{"account_id": "a"}], "payments": [{"account_id": "b", "payment_id": "x"}]}, "of 2 accounts"),
    ],
)
def test_what_cannot_be_used_is_said_without_its_value(world: World, facts: dict[str, Any], said: str) -> None:
    with world.site.open() as store, Attacher(world.site, store) as attacher:
        with pytest.raises(InputError, match=said) as told:
            attacher.attach(facts)
        assert "999" not in str(told.value)


def test_a_prompt_that_was_cut_within_a_pair_is_taken_as_by_a_load(world: World) -> None:
    with world.site.open() as store, Attacher(world.site, store) as attacher:
        begun = "Translate the contract of Ann with her landlord into plain French and keep its numbers "
        prompts = [begun + "\ud83d", begun + "\ufffd"]
        first, other = (attacher.attach({"requests": [{"at": "2026-03-01", "prompt": one}]}) for one in prompts)
    assert first == other
    assert first.identifiers > 0


def test_a_store_without_a_run_says_so(world: World, tmp_path: Path) -> None:
    site = site_at(tmp_path)
    load(site, world.facts)
    with site.open() as store, Attacher(site, store) as attacher, pytest.raises(NotFound, match="linkage detect"):
        attacher.attach({"accounts": [{}]})


def test_from_the_command_line(world: World, member: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(_facts(world, member[1])))

    def attach(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        store = ["--store", f"duckdb:{world.site.working.path}"]
        environ = {"LINKAGE_KEY": KEY, "LINKAGE_LISTS": str(world.lists)}
        command = [sys.executable, "-m", "linkage", *store, *words]
        return subprocess.run(command, capture_output=True, text=True, env=environ, check=False, **options)

    done = attach("--json", "attach", str(tmp_path / "facts.json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rings"][0]["ring_id"] == member[0]
    shown = attach("attach", "-", input=(tmp_path / "facts.json").read_text())
    assert member[0] in shown.stdout
    for given, said in {
        "{": "standard input is no JSON: line 1",
        '{"requests":' + "[" * 100_000: "standard input is nested too deep",
        '{"identifiers": [{"kind": "\\ud83d", "value": "secret"}]}': "identifiers cannot be used: 1 × not UTF-8",
    }.items():
        refused = attach("attach", "-", input=given)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
        assert said in refused.stderr
        assert "secret" not in refused.stderr
