"""Sealed values open under their own key and for their own identifier alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import StoreError
from linkage.keys import Keyring
from linkage.sealing import PURPOSE, Seal

SEAL = Seal(Keyring("a secret of the tests alone").derive(PURPOSE))
KEY, OTHER = f"{1:016x}", f"{2:016x}"


@given(st.text())
def test_what_was_sealed_is_read_back(value: str) -> None:
    assert SEAL.open(KEY, SEAL.close(KEY, value)) == value


def test_a_seal_shows_nothing_and_is_never_the_same() -> None:
    one, two = (SEAL.close(KEY, "192.0.2.1") for _ in range(2))
    assert one != two
    assert b"192.0.2.1" not in one


@given(st.data())
def test_no_other_key_identifier_or_change_opens_it(data: st.DataObject) -> None:
    sealed = SEAL.close(KEY, "192.0.2.1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    wrong = [(SEAL, OTHER, sealed), (SEAL, KEY, changed), (SEAL, KEY, sealed[:at])]
    wrong += [(Seal(Keyring("another secret of the tests").derive(PURPOSE)), KEY, sealed)]
    for seal, key, text in wrong:
        with pytest.raises(StoreError, match="under another key") as refused:
            seal.open(key, text)
        assert "192" not in str(refused.value)
