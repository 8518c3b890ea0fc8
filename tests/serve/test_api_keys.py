"""API keys: only hashes are kept, and a key is good from when it is made until it ends."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkage.cli import cli
from linkage.errors import NotFound, SettingsError
from linkage.serve.access import keyfile
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.access.roles import Rank


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "folder" / "keys")


def test_a_key_is_shown_once_and_kept_as_a_hash(keys: KeyFile) -> None:
    key, secret = keys.make("siem", "operator", 30)
    text = keys.path.read_text()
    assert secret.startswith(f"lk_{key.key_id}_")
    assert secret not in text
    assert secret.rpartition("_")[2] not in text
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    found = keys.principal(secret)
    assert found is not None
    assert (found.name, found.rank, found.way) == (f"key {key.key_id}", Rank.OPERATOR, "key")


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "x", lambda s: "lk_00000000_" + s[12:], lambda _: "lk"]
)
def test_a_key_that_is_not_quite_it_is_nobodys(keys: KeyFile, change: object) -> None:
    _, secret = keys.make("siem", "viewer", 30)
    assert keys.principal(change(secret)) is None  # type: ignore[operator] # a function of text


def test_a_key_ends(keys: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = keys.make("siem", "viewer", 1)
    later = keyfile._now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(keyfile, "_now", lambda: later)
    assert keys.principal(secret) is None


def test_a_rotated_key_is_good_for_the_overlap(keys: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    old, secret = keys.make("siem", "analyst", 30)
    new, following = keys.rotate(old.key_id, 30, timedelta(hours=2))
    assert (new.name, new.role) == ("siem", "analyst")
    assert keys.principal(secret) is not None
    now = keyfile._now()
    monkeypatch.setattr(keyfile, "_now", lambda: now + timedelta(hours=3))
    assert keys.principal(secret) is None
    assert keys.principal(following) is not None


def test_a_revoked_key_is_not_rotated_and_an_unknown_one_not_revoked(keys: KeyFile) -> None:
    key, _ = keys.make("siem", "viewer", 30)
    keys.revoke(key.key_id)
    assert keys.revoke(key.key_id).revoked
    with pytest.raises(SettingsError, match="revoked"):
        keys.rotate(key.key_id, 30, timedelta())
    with pytest.raises(NotFound):
        keys.revoke("nobody")


@pytest.mark.parametrize(
    ("name", "role", "days"), [("", "viewer", 1), ("x", "root", 1), ("x", "viewer", 0), ("x", "viewer", 999)]
)
def test_nonsense_is_refused(keys: KeyFile, name: str, role: str, days: int) -> None:
    with pytest.raises(SettingsError):
        keys.make(name, role, days)
    assert not keys.exists or keys.held() == []


def test_a_file_that_others_may_read_or_that_is_damaged_lets_nobody_in(keys: KeyFile) -> None:
    _, secret = keys.make("siem", "viewer", 30)
    keys.path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        KeyFile(keys.path).principal(secret)
    keys.path.chmod(0o600)
    keys.path.write_text("{")
    with pytest.raises(SettingsError, match="damaged"):
        KeyFile(keys.path).principal(secret)


def test_the_command_makes_lists_rotates_and_revokes(tmp_path: Path) -> None:
    def run(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(cli, ["--json", "--store", f"duckdb:{tmp_path / 'a.duckdb'}", "api-keys", *words])
        assert done.exit_code == 0, done.output
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found

    made = run("make", "grafana", "--role", "viewer")
    assert (made["name"], made["role"], made["state"]) == ("grafana", "viewer", "active")
    rotated = run("rotate", str(made["id"]), "--overlap", "0")
    run("revoke", str(rotated["id"]))
    listed = run("list")
    states = {key["id"]: key["state"] for key in listed["keys"]}  # type: ignore[attr-defined] # a list
    assert states == {made["id"]: "expired", rotated["id"]: "revoked"}
    assert str(made["key"]) not in json.dumps(listed)
