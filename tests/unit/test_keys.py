"""Keys: derivation, hashes, and the key file."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import SettingsError
from linkage.keys import Keyring, load_or_create_key

SECRET = "0123456789abcdef" * 4
KEYRING = Keyring(SECRET)


def test_the_hash_is_keyed_blake2b_under_the_key_of_the_kind() -> None:
    expected = hashlib.blake2b(b"4111", key=KEYRING.derive("payment"), digest_size=16).hexdigest()
    assert KEYRING.hash("payment", "4111") == KEYRING.hash("payment", b"4111") == expected


def test_kinds_and_secrets_have_nothing_in_common() -> None:
    hashes = {
        ring.hash(kind, "same")
        for ring in (KEYRING, Keyring("another secret of 32 bytes, say"))
        for kind in ("ip", "payment", "device")
    }
    pairs = {KEYRING.pair(kind) for kind in ("ip", "payment", "device")}
    assert len(hashes) == 6
    assert len(pairs) == 3
    assert all(0 <= word < 1 << 64 for pair in pairs for word in pair)


def test_a_key_stays_the_same_over_releases() -> None:
    assert KEYRING.pair("ip") == (13745581492388847267, 13188744741952262834)
    assert KEYRING.hash("ip", "192.0.2.1") == "7fe33540a35d2a84897a7b3e296dc32c"


@settings(deadline=None)  # the first call loads Arrow
@given(st.lists(st.none() | st.text(max_size=20)))
def test_hash_many_is_hash_of_each(values: list[str | None]) -> None:
    expected = [None if value is None else KEYRING.hash("email", value) for value in values]
    assert KEYRING.hash_many("email", values).to_pylist() == expected
    assert KEYRING.hash_many("email", pa.chunked_array([pa.array(values, pa.string())])).to_pylist() == expected


def test_the_secret_is_never_shown() -> None:
    assert SECRET not in repr(KEYRING) + str(KEYRING)


@pytest.mark.parametrize("secret", ["", "short", " " * 40, b"fifteen bytes!!"])
def test_a_short_secret_is_refused_without_being_shown(secret: str | bytes) -> None:
    with pytest.raises(SettingsError, match="too short") as caught:
        Keyring(secret)
    assert "fifteen" not in str(caught.value)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    first = load_or_create_key(path)
    assert load_or_create_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(first)) == 32
    assert os.listdir(tmp_path) == ["store.key"]


def _make(path: Path, queue: multiprocessing.SimpleQueue[str]) -> None:
    queue.put(load_or_create_key(path))


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.SimpleQueue[str] = context.SimpleQueue()
    workers = [context.Process(target=_make, args=(tmp_path / "key", queue)) for _ in range(4)]
    for worker in workers:
        worker.start()
    keys = {queue.get() for _ in workers}
    for worker in workers:
        worker.join()
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_or_create_key(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"0123", b"\xff" * 64, b"g" * 64, b"A" * 63])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="damaged"):
        load_or_create_key(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        load_or_create_key(tmp_path / "absent" / "key")
