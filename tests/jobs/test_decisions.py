"""Decisions are honoured by every run, and what evidence says against them is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linkage.errors import InputError, NotFound, VersionConflict
from linkage.jobs.decisions import decide, revoke
from linkage.jobs.detect import detect
from linkage.jobs.site import Site
from linkage.model.decisions import Decision, Ruling
from linkage.model.rings import Role
from linkage.stores.base import Store

from .conftest import KEY, World, site_at

WHO = {"author": "ann", "reason": "looked at it"}


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site of its own with a copy of the world's store."""
    site = site_at(tmp_path, world.lists)
    shutil.copyfile(world.site.working.path, site.working.path)
    return site


def _members(store: Store, ring_id: str) -> list[str]:
    return sorted(one.account_id for one in store.members(ring_id) if one.role is not Role.BYSTANDER)


def _flagged(store: Store) -> set[str]:
    return {one.account_id for one in store.all_members([Role.CORE, Role.MEMBER])}


def _decide(site: Site, ruling: Ruling, *accounts: str, ring_id: str = "") -> Decision:
    with site.open() as store:
        return decide(store, ruling, accounts=accounts, ring_id=ring_id, **WHO)


def _told(site: Site) -> list[tuple[str, str]]:
    with site.open() as store:
        run = store.current_run()
        assert run is not None
        found = store.conflicts(run.run_id)
        assert run.counts["conflicts"] == len(found)
        return [(one.decision_id, one.said) for one in found]


def test_nothing_is_published_anew_until_something_is_decided(site: Site) -> None:
    before = site.working.path.read_bytes()
    (report,) = detect(site)
    assert (report.counts["unchanged"], report.counts["run_id"]) == (1, "run-000001")
    assert site.working.path.read_bytes() == before
    with site.open() as store:
        account = store.members(store.rings(1)[0].ring_id)[0].account_id
    made = _decide(site, Ruling.ALLOWED, account)
    assert detect(site)[-1].counts["run_id"] == "run-000002"
    assert detect(site)[-1].counts["unchanged"] == 1
    with site.open() as store:
        assert account not in _flagged(store)
        revoke(store, made.decision_id, made.version, "bob")
    detect(site)
    with site.open() as store:
        assert account in _flagged(store)
    assert _told(site) == []


def test_links_that_must_and_cannot_be_are_honoured_on_every_run(site: Site) -> None:
    with site.open() as store:
        first, second = (ring.ring_id for ring in store.rings(2))
        a, *_, z = _members(store, first)
        b = _members(store, second)[0]
    must = _decide(site, Ruling.MUST_LINK, a, b)
    cannot = _decide(site, Ruling.CANNOT_LINK, a, z)
    for _ in range(2):
        detect(site, again=True)
        with site.open() as store:
            homes = {one: account.ring_id for one, account in store.accounts([a, b, z]).items()}
        assert homes[a] == homes[b] is not None
        assert homes[z] != homes[a]
        assert {decision for decision, _ in _told(site)} == {must.decision_id, cannot.decision_id}
    with pytest.raises(InputError, match=f"contradicts {must.decision_id}"):
        _decide(site, Ruling.CANNOT_LINK, a, b)
    with pytest.raises(InputError, match=f"contradicts {must.decision_id}"):
        _decide(site, Ruling.ALLOWED, b)


def test_a_rejected_ring_stays_away_and_a_confirmed_one_stays(site: Site) -> None:
    with site.open() as store:
        gone, kept = (ring.ring_id for ring in store.rings(2))
        accounts, others = _members(store, gone), _members(store, kept)
    rejected = _decide(site, Ruling.REJECTED, ring_id=gone)
    confirmed = _decide(site, Ruling.CONFIRMED, ring_id=kept)
    assert sorted(confirmed.accounts) == others
    for number in range(2):
        detect(site, again=True)
        with site.open() as store:
            assert not _flagged(store) & set(accounts)
            assert set(others) <= set(_members(store, kept))
            ring = store.ring(gone)
            assert ring is not None
            assert ring.status.value == "dissolved"
            told = [event.event.value for event in store.events(gone)]
            assert told == ["dissolved", "formed"], f"told again in run {number}"
        assert _told(site) == [(rejected.decision_id, f"evidence makes {gone} a ring of {len(accounts)} accounts")]
    with site.open() as store:
        revoke(store, rejected.decision_id, 1, "bob")
    detect(site)
    with site.open() as store:
        assert _members(store, gone) == accounts
        assert store.events(gone)[0].event.value == "revived"


def test_a_ring_is_not_one_and_none_at_once(site: Site) -> None:
    with site.open() as store:
        ring_id = store.rings(1)[0].ring_id
    for first, second in ((Ruling.REJECTED, Ruling.CONFIRMED), (Ruling.CONFIRMED, Ruling.REJECTED)):
        made = _decide(site, first, ring_id=ring_id)
        with pytest.raises(InputError, match=f"contradicts {made.decision_id}"):
            _decide(site, second, ring_id=ring_id)
        with site.open() as store:
            revoke(store, made.decision_id, 1, "bob")


def test_what_a_rejected_ring_overrules_is_told(site: Site) -> None:
    with site.open() as store:
        ring_id = store.rings(1)[0].ring_id
        accounts = _members(store, ring_id)
    rejected = _decide(site, Ruling.REJECTED, ring_id=ring_id)
    must = _decide(site, Ruling.MUST_LINK, *accounts[:2])
    fake = _decide(site, Ruling.CONFIRMED, accounts[2])
    detect(site)
    said = f"{ring_id}, in which it has accounts, is none by {rejected.decision_id}"
    assert (must.decision_id, said) in _told(site)
    assert (fake.decision_id, said) in _told(site)


def test_expired_decisions_do_not_count(site: Site) -> None:
    now = datetime.now(UTC)
    with site.open() as store:
        account = _members(store, store.rings(1)[0].ring_id)[0]
        ends = now - timedelta(days=1)
        past = Decision("old", 1, Ruling.ALLOWED, (account,), "", "ann", "a trial", now - timedelta(days=9), ends)
        store.keep_decision(past)
    assert detect(site)[-1].counts["unchanged"] == 1
    detect(site, again=True)
    with site.open() as store:
        assert account in _flagged(store)


def test_what_is_not_there_cannot_be_decided_on(site: Site) -> None:
    with pytest.raises(NotFound, match="no account «nobody»"):
        _decide(site, Ruling.ALLOWED, "nobody")
    with pytest.raises(NotFound, match="no ring «ring-none»"):
        _decide(site, Ruling.REJECTED, ring_id="ring-none")
    with site.open() as store:
        with pytest.raises(NotFound, match="no decision «none»"):
            revoke(store, "none", 1, "ann")
        account = _members(store, store.rings(1)[0].ring_id)[0]
        with pytest.raises(InputError, match="an author and a reason"):
            decide(store, Ruling.ALLOWED, accounts=[account], author="", reason="x")
        made = decide(store, Ruling.ALLOWED, accounts=[account], **WHO)
        with pytest.raises(VersionConflict, match="at version 1, not at version 2"):
            revoke(store, made.decision_id, 2, "bob")
        revoke(store, made.decision_id, 1, "bob")
        with pytest.raises(VersionConflict, match="revoked already"):
            revoke(store, made.decision_id, 2, "bob")


def test_decisions_from_the_command_line(site: Site) -> None:
    def linkage(*words: str, status: int = 0) -> dict[str, object]:
        options = ["--store", f"duckdb:{site.working.path}", "--json", "--quiet"]
        done = subprocess.run(
            [sys.executable, "-m", "linkage", *options, *words],
            capture_output=True,
            text=True,
            env={"LINKAGE_KEY": KEY},
            check=False,
        )
        assert done.returncode == status, done.stderr
        return dict(json.loads(done.stdout)) if done.stdout else {}

    with site.open() as store:
        ring = store.rings(1)[0].ring_id
        account = _members(store, ring)[0]
    options = ("--author", "ann", "--reason", "an office")
    made = linkage("decisions", "add", "allowed", account, *options, "--expires", "2999-01-01")["decision"]
    assert isinstance(made, dict)
    assert (made["version"], made["accounts"], made["expires"]) == (1, [account], "2999-01-01 00:00:00+00:00")
    assert linkage("decisions", "list")["decisions"] == [made]
    linkage("decisions", "add", "confirmed", account, *options, status=1)
    linkage("decisions", "add", "rejected", account, "--ring", ring, *options, status=2)
    linkage("decisions", "revoke", str(made["decision_id"]), "--version", "1", "--author", "bob")
    assert linkage("decisions", "list")["decisions"] == []
    (revoked,) = linkage("decisions", "list", "--all")["decisions"]  # type: ignore[misc]
    assert revoked["revoked_by"] == "bob"
