"""Labels that analysts gave stand over those of the facts, on every run, until they expire or are taken back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import InputError
from linkage.jobs.decisions import decide, revoke
from linkage.jobs.detect import detect
from linkage.jobs.load import load
from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.model.decisions import Decision, Ruling
from linkage.model.rings import Role

from .conftest import World, site_at

WHO = {"author": "ann", "reason": "looked at it"}


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site of its own with a copy of the world's store."""
    site = site_at(tmp_path, world.lists)
    shutil.copyfile(world.site.working.path, site.working.path)
    return site


def _member(site: Site) -> str:
    with site.open() as store:
        ring = store.rings(1)[0].ring_id
        return next(one.account_id for one in store.members(ring) if one.role is Role.MEMBER)


def _label(site: Site, account: str) -> str | None:
    with site.open() as store:
        return store.accounts([account])[account].label


def _say(site: Site, ruling: Ruling, account: str) -> Decision:
    with site.open() as store:
        return decide(store, ruling, accounts=[account], **WHO)


def _later_facts(folder: Path, account: str, label: str) -> Path:
    folder.mkdir()
    pq.write_table(pa.table({"account_id": [account]}), folder / "accounts.parquet")
    late = datetime.now(UTC)
    pq.write_table(pa.table({"account_id": [account], "label": [label], "at": [late]}), folder / "labels.parquet")
    return folder


def test_a_label_lasts_over_runs_and_later_facts_until_it_is_taken_back(site: Site, tmp_path: Path) -> None:
    account = _member(site)
    assert _label(site, account) is None
    made = _say(site, Ruling.ABUSE, account)
    assert detect(site)[-1].counts["run_id"] == "run-000002"
    assert detect(site)[-1].counts["unchanged"] == 1
    load(site, _later_facts(tmp_path / "later", account, "benign"))
    detect(site)
    assert _label(site, account) == "abuse"
    with site.open() as store:
        revoke(store, made.decision_id, 1, "bob")
    detect(site)
    assert _label(site, account) == "benign"


def test_a_night_honours_labels_and_benign_ones_leave_rings(site: Site, tmp_path: Path) -> None:
    account = _member(site)
    _say(site, Ruling.BENIGN, account)
    nightly(site, _later_facts(tmp_path / "night", account, "abuse"), force=True)
    assert _label(site, account) == "benign"
    with site.open() as store:
        assert store.accounts([account])[account].role in (None, Role.BYSTANDER)


def test_an_expired_label_does_not_count(site: Site) -> None:
    account, now = _member(site), datetime.now(UTC)
    ends = now - timedelta(days=1)
    with site.open() as store:
        store.keep_decision(Decision("old", 1, Ruling.ABUSE, (account,), "", "ann", "x", ends - timedelta(9), ends))
    before = site.working.path.stat().st_ino
    assert detect(site)[-1].counts["unchanged"] == 1
    assert (_label(site, account), site.working.path.stat().st_ino) == (None, before)


def test_an_account_is_not_labelled_both(site: Site) -> None:
    account = _member(site)
    made = _say(site, Ruling.ABUSE, account)
    for other in (Ruling.BENIGN, Ruling.ALLOWED, Ruling.REJECTED):
        with pytest.raises(InputError, match=f"contradicts {made.decision_id}"):
            _say(site, other, account)
