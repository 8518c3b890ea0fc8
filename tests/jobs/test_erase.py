"""An erasure leaves no byte of a person in any file, as if they had never been, and no load brings them back."""

from __future__ import annotations

import contextlib
import json
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from linkage.cli import cli
from linkage.errors import InputError, SettingsError, StoreError
from linkage.jobs import erase as erasing
from linkage.jobs.decisions import decide
from linkage.jobs.detect import detect
from linkage.jobs.erase import erase
from linkage.jobs.leftovers import Leftovers
from linkage.jobs.load import load, reject_folder
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.model.decisions import Ruling
from linkage.model.rings import Role
from linkage.working import WorkingFile
from linkage.working.erased import ErasedFile

from .conftest import KEY, World, site_at
from .lived import copy, last

FACTS = ("account", "label", "use", "activity", "listed_place", "sealed")
DERIVED = ("identifier", "incidence", "habit")
WHY = {"author": "ann", "reason": "request 17"}


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A copy of the world's store that may be changed."""
    site = site_at(tmp_path / "site", world.lists)
    site.working.path.parent.mkdir()
    shutil.copyfile(world.site.working.path, site.working.path)
    return site


def _person(site: Site) -> str:
    """Returns a core member of the strongest ring who is alone in using something."""
    with site.open() as store:
        ring = store.rings(1)[0].ring_id
        core = [one.account_id for one in store.all_members([Role.CORE]) if one.ring_id == ring]
    with site.working.read() as con:
        query = (
            "SELECT a.id FROM account a JOIN use u USING (account) JOIN (SELECT key FROM use GROUP BY key "
            "HAVING count(DISTINCT account) = 1) USING (key) WHERE list_contains(?, a.id) ORDER BY ALL LIMIT 1"
        )
        return str(con.execute(query, [core]).fetchall()[0][0])


def _bytes_of(site: Site, person: str) -> dict[str, bytes]:
    """Returns what must be found nowhere: the id, and keys that are of this account alone, as they lie in a file."""
    with site.working.read() as con:
        query = (
            "SELECT key FROM use JOIN account USING (account) GROUP BY key "
            "HAVING count(DISTINCT account) = 1 AND any_value(id) = ? ORDER BY key LIMIT 50"
        )
        keys = [key for (key,) in con.execute(query, [person]).fetchall()]
        hashed = con.execute("SELECT hash FROM account WHERE id = ?", [person]).fetchall()[0][0]
    assert keys
    numbers = {f"key {key:016x}": struct.pack("<Q", key) for key in keys}
    texts = {f"text of {key:016x}": f"{key:016x}".encode() for key in keys}
    return {"id": person.encode(), "hash": struct.pack("<Q", hashed)} | numbers | texts


def _found(folder: Path, wanted: dict[str, bytes]) -> set[str]:
    """Returns what of it is in any file below a folder, by name."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {name for name, text in wanted.items() if any(text in file for file in files)}


def _content(site: Site, tables: tuple[str, ...] = (*FACTS, *DERIVED)) -> dict[str, Any]:
    """Returns the rows of each table by their hashes, without the numbers of loads, and what was derived for all."""
    with site.working.read() as con:
        found = {}
        for name in tables:
            columns = [row[0] for row in con.execute(f"DESCRIBE {name}").fetchall() if row[0] != "load"]
            query = f"SELECT count(*), sum(hash(t)::HUGEINT) FROM (SELECT {', '.join(columns)} FROM {name}) t"
            found[name] = con.execute(query).fetchall()
        found["chance"] = con.execute("SELECT value FROM meta WHERE name = 'chance'").fetchall()
    return found


def _without(world: World, person: str, folder: Path, *, only: bool = False) -> Path:
    """Returns a folder of the world's facts without those of a person, or with `only` those."""
    folder.mkdir()
    for file in world.facts.iterdir():
        sign = "=" if only else "<>"
        rows = duckdb.sql(f"SELECT * FROM '{file}' WHERE account_id {sign} '{person}'")
        rows.write_parquet(str(folder / file.name))
    return folder


def test_no_byte_of_a_person_is_left(site: Site, world: World, tmp_path: Path) -> None:
    person = _person(site)
    with site.open() as store:
        decide(store, Ruling.ABUSE, accounts=[person], author="ann", reason=f"{person} was seen")
    site.working.beside(".found").write_text(f'["{person}"]')
    (site.working.beside(".exports") / "export-1").mkdir(parents=True)
    (site.working.beside(".exports") / "export-1" / "members.ndjson").write_text(person)
    wanted = _bytes_of(site, person)
    before = _found(tmp_path / "site", wanted)
    assert "id" in before
    assert sum(name.startswith("key") for name in before) > 0
    with site.open() as store:
        rings = {ring.ring_id: ring.size for ring in store.rings(1000)}
        mine = store.accounts([person])[person].ring_id
    done = erase(site, [person], **WHY)
    assert _found(tmp_path / "site", wanted) == set()
    assert done.counts["accounts"] == done.counts["memberships"] == done.counts["decisions"] == 1
    assert done.counts["uses"] > 0
    assert done.counts["files"] >= 2
    with site.open() as store:
        assert {ring.ring_id: ring.size for ring in store.rings(1000)} == rings | {mine: rings[mine] - 1}
        assert store.decisions() == []
    loaded = site_at(tmp_path / "fresh", world.lists)
    load(loaded, _without(world, person, tmp_path / "others"))
    assert _content(site) == _content(loaded)
    detect(site)
    detect(loaded)
    assert _content(site, ("link",)) == _content(loaded, ("link",))
    with site.open() as store, loaded.open() as other:
        assert store.all_members()
        assert [(one.account_id, one.role, one.bits) for one in sorted(store.all_members(), key=_by_account)] == [
            (one.account_id, one.role, one.bits) for one in sorted(other.all_members(), key=_by_account)
        ]
    assert _found(tmp_path / "site", wanted) == set()


def _by_account(member: Any) -> tuple[str, str]:
    return member.account_id, member.role


def test_no_load_brings_a_person_back(site: Site, world: World, tmp_path: Path) -> None:
    person = _person(site)
    wanted = {"id": person.encode()}
    erase(site, [person], **WHY)
    before = _content(site)
    facts = _without(world, person, tmp_path / "again", only=True)
    rows = sum(duckdb.sql(f"SELECT * FROM '{file}'").shape[0] for file in facts.iterdir())
    report = load(site, facts)[0]
    assert report.rejected == report.counts["rejected: erased"] == rows > 2
    assert _content(site) == before
    assert _found(tmp_path / "site", wanted) == set()
    told = [json.loads(line) for line in (reject_folder(site) / "rejects.jsonl").read_text().splitlines()]
    assert {(one["reason"], one["column"], one["value"]) for one in told} == {("erased", None, None)}
    again = erase(site, [person], **WHY)
    assert (again.erasure, again.counts["accounts"]) == ("", 0)


def test_an_account_that_never_was_is_kept_out(site: Site, tmp_path: Path) -> None:
    done = erase(site, ["somebody new"], **WHY)
    assert (done.unknown, done.accounts) == (1, 1)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "accounts.csv").write_text("account_id\nsomebody new\nsomebody else\n")
    assert load(site, tmp_path / "new")[0].counts["rejected: erased"] == 1
    with site.open() as store:
        assert set(store.accounts(["somebody new", "somebody else"])) == {"somebody else"}


def test_the_record_names_nobody_and_says_who_and_why(site: Site) -> None:
    person = _person(site)
    done = erase(site, [person], [("ip", "192.0.2.1")], **WHY)
    path = site.working.beside(".erased")
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    begun, ended = map(json.loads, text.splitlines())
    assert (begun["author"], begun["reason"], begun["erasure"]) == ("ann", "request 17", done.erasure)
    assert ended == {"erasure": done.erasure, "state": "done", "at": ended["at"], "removed": done.counts}
    assert [len(begun["accounts"]), len(begun["identifiers"])] == [1, 1]
    assert person not in text
    assert "192.0.2.1" not in text


def test_a_dry_run_tells_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    person = _person(site)
    before = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    told = erase(site, [person], dry_run=True)
    after = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert {path for path in after if path not in before or after[path] != before[path]} <= {
        site.working.beside(".lock")
    }
    assert told.erasure == ""
    assert told.counts == erase(site, [person], **WHY).counts


class _Killed(Exception):
    """Stands for a process that ended."""


@contextlib.contextmanager
def _killed_in(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[None]:
    def die(*_: Any, **__: Any) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(_Killed):
            yield


@pytest.mark.parametrize(
    ("owner", "name"),
    [(erasing, "erase_columns"), (WorkingFile, "_put_in_place"), (Leftovers, "remove"), (ErasedFile, "end")],
)
def test_killed_anywhere_it_goes_on(
    site: Site, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    person = _person(site)
    wanted = _bytes_of(site, person)
    with _killed_in(monkeypatch, owner, name):
        erase(site, [person], **WHY)
    lone = _without(world, person, tmp_path / "again", only=True)
    assert load(site, lone)[0].rejected > 0  # from the moment it began, nothing comes back
    done = erase(site, [person], **WHY)
    assert done.erasure
    assert _found(tmp_path / "site", wanted) == set()
    assert not erase(site, [person], **WHY).erasure
    undisturbed = site_at(tmp_path / "undisturbed", world.lists)
    load(undisturbed, _without(world, person, tmp_path / "others"))
    assert _content(site) == _content(undisturbed)


def test_a_record_that_was_cut_short_is_gone_on_with(site: Site) -> None:
    person = _person(site)
    site.working.beside(".erased").write_text('{"erasure": "erasure-1", "sta')
    erase(site, [person], **WHY)
    assert not erase(site, [person], **WHY).erasure


def test_an_identifier_is_erased_and_kept_out(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "accounts.csv").write_text("account_id\na\nb\n")
    (facts / "requests.csv").write_text("account_id,at,ip\na,2026-03-01,192.0.2.1\nb,2026-03-01,192.0.2.2\n")
    (facts / "payments.csv").write_text("account_id,payment_id,bin\na,card-1,424242\nb,card-1,424242\n")
    (facts / "identifiers.csv").write_text("account_id,kind,value\na,Badge,B-17\nb,email,Ann@Example.org\n")
    site = site_at(tmp_path, keep_values=1)
    load(site, facts)
    things = [("payment", "card-1"), ("email", "ann@example.ORG"), ("badge", "B-17"), ("ip", "192.0.2.1")]
    keys = erasing.keys_of(site.keyring(), things)
    with site.working.read() as con:
        held = {f"{key:016x}" for (key,) in con.execute("SELECT key FROM sealed").fetchall()}
        assert set(keys) < held
    done = erase(site, [], things, **WHY)
    assert (done.identifiers, done.counts["identifiers"], done.counts["uses"]) == (4, 4, 5)
    again = tmp_path / "again"
    shutil.copytree(facts, again)
    (again / "requests.csv").write_text((facts / "requests.csv").read_text() + "b,2026-03-02,192.0.2.1\n")
    for name in ("payments", "identifiers"):
        (again / f"{name}.csv").write_text((facts / f"{name}.csv").read_text() + "\n")
    report = load(site, again)[0]
    assert report.rejected == 0
    assert report.counts["passed over: erased identifier"] == 6
    with site.working.read() as con:
        for table in ("use", "identifier", "sealed"):
            left = {f"{key:016x}" for (key,) in con.execute(f"SELECT key FROM {table}").fetchall()}
            assert left
            assert left.isdisjoint(keys)
        requests = con.execute("SELECT sum(requests) FROM activity JOIN account USING (account) WHERE id = 'b'")
        assert requests.fetchall() == [(3,)]


@pytest.mark.parametrize(
    "given", [("prompt", "write a poem"), ("signup", "an hour"), ("ip", "no address"), ("email", "")]
)
def test_a_value_without_a_key_is_refused_and_not_repeated(site: Site, given: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="identifier 1 of kind") as told:
        erase(site, [], [given], **WHY)
    assert not given[1] or given[1] not in str(told.value)


def test_under_another_key_nothing_is_loaded_nor_erased(site: Site, world: World, tmp_path: Path) -> None:
    erase(site, ["somebody"], **WHY)
    site.working.path.unlink()
    other = Site(site.settings.__class__(store=site.settings.store, key=KEY[::-1]))
    with pytest.raises(SettingsError, match="another LINKAGE_KEY"):
        load(other, world.facts)
    with pytest.raises(SettingsError, match="another LINKAGE_KEY"):
        erase(other, ["somebody"], **WHY)
    assert not site.working.exists


def test_what_is_left_over_fails_the_command(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person = _person(site)
    monkeypatch.setattr(
        erasing, "erase_columns", lambda con, *_: con.execute("INSERT INTO account FROM before.account")
    )
    with pytest.raises(StoreError, match="are left") as told:
        erase(site, [person], **WHY)
    assert person not in str(told.value)
    assert '"done"' not in site.working.beside(".erased").read_text()


def test_change_files_lose_the_lines_of_the_account(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    nightly(site, last(nights))
    out = site.working.beside(".nights")
    lines = [(path, line) for path in (out / "changes").glob("*.ndjson") for line in path.read_text().splitlines()]
    person = next(row["account_id"] for _, line in lines if (row := json.loads(line))["record"] == "member")
    done = erase(site, [person], **WHY)
    after = [(path, line) for path in (out / "changes").glob("*.ndjson") for line in path.read_text().splitlines()]
    assert after == [(path, line) for path, line in lines if json.loads(line).get("account_id") != person]
    assert done.counts["files"] >= 1
    assert not (out / "report.html").exists()
    nightly(site, last(nights))
    assert _found(tmp_path, {"id": person.encode()}) == set()


def _run(site: Site, *args: str, given: str = "") -> Any:
    environment = {"LINKAGE_STORE": site.settings.store, "LINKAGE_KEY": KEY}
    return CliRunner().invoke(cli, ["--json", "erase", *args], input=given, env=environment)


def test_the_command_takes_names_from_files(site: Site, tmp_path: Path) -> None:
    person = _person(site)
    things = tmp_path / "things"
    things.write_text("ip=192.0.2.77\n\nemail=ann@example.org\n")
    why = ("--author", "ann", "--reason", "request 17")
    dry = _run(site, "--file", "-", "--identifiers", str(things), "--dry-run", given=f"{person}\nnobody\n")
    told = json.loads(dry.stdout.splitlines()[-1])
    assert (told["dry_run"], told["given"], told["unknown"], told["accounts"]) == (1, 4, 1, 1)
    assert told["erasure"] == ""
    done = json.loads(_run(site, "--file", "-", *why, given=f"{person}\nnobody\n").stdout.splitlines()[-1])
    assert done["erasure"].startswith("erasure-")
    assert done["accounts"] == 1
    again = json.loads(_run(site, person, *why).stdout.splitlines()[-1])
    assert (again["erasure"], again["accounts"]) == ("", 0)


@pytest.mark.parametrize(
    "args",
    [
        ("--author", "ann", "--reason", "x"),
        ("somebody",),
        ("somebody", "--author", "ann"),
        ("--identifier", "secret-value", "--author", "ann", "--reason", "x"),
    ],
)
def test_wrong_usage_is_refused(site: Site, args: tuple[str, ...]) -> None:
    told = _run(site, *args)
    assert told.exit_code == 2
    assert "secret-value" not in told.output
    assert not site.working.beside(".erased").exists()


def test_a_reason_that_names_the_person_is_refused(site: Site) -> None:
    told = _run(site, "somebody", "--author", "ann", "--reason", "somebody asked")
    assert isinstance(told.exception, SettingsError)
    assert not site.working.beside(".erased").exists()
