"""Seals the clear values of identifiers as they come in, each once: see `linkage.sealing`.

An address is kept as what its keyed hash stands for, an IPv6 as its /64; a further kind is kept with its name, as
`kind:value`. Prompts are never kept, nor is the hour of a sign-up, which says nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Network
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.derive.book import KeyBook
from linkage.derive.keys import Keys
from linkage.kernels.ip import parse_ips
from linkage.keys import Keyring
from linkage.sealing import PURPOSE, Seal

if TYPE_CHECKING:
    import duckdb

_LOW = 0xFFFF_FFFF


class Sealer:
    """Writes sealed values into an open working file, under the number of a load."""

    def __init__(self, con: duckdb.DuckDBPyConnection, keyring: Keyring, load: int) -> None:
        self._con = con
        self._load = load
        self._seal = Seal(keyring.derive(PURPOSE))
        self._known = KeyBook(np.asarray(con.execute("SELECT key FROM sealed").fetchnumpy()["key"], np.uint64))

    def include(self, sealed: pa.Table) -> None:
        """Takes in values, keyed, that another sealer of the same keys sealed."""
        rows = self._known.numbers(sealed.column("key").to_numpy())[1]
        self._insert(sealed.take(pa.array(rows)))

    def texts(self, keys: Keys, values: pa.Array) -> None:
        """Seals values as they are."""
        rows = self._known.numbers(keys)[1]
        self._write(keys[rows], values.take(pa.array(rows)).to_pylist())

    def addresses(self, keys: Keys, high: Any, low: Any, family: Any) -> None:
        """Seals addresses, given by the words of their 16 bytes and their families; none has family 0."""
        rows = self._known.numbers(keys)[1]
        words = zip(high[rows].tolist(), low[rows].tolist(), family[rows].tolist(), strict=True)
        self._write(keys[rows], [_address(*word) for word in words])

    def identifiers(self, kind: str, keys: Keys, batch: pa.RecordBatch) -> None:
        """Seals values of one kind in rows of the table of identifiers; those of further kinds with their names."""
        values = batch.column("value")
        if kind == "ip":
            self.addresses(keys, *parse_ips(values))
        elif kind == "other":
            names = pc.utf8_lower(pc.utf8_trim_whitespace(batch.column("kind")))
            self.texts(keys, pc.binary_join_element_wise(names, values, ":"))
        else:
            self.texts(keys, values)

    def _write(self, keys: npt.NDArray[np.uint64], values: Sequence[str]) -> None:
        if not values:
            return
        sealed = [self._seal.close(f"{key:016x}", value) for key, value in zip(keys.tolist(), values, strict=True)]
        self._insert(pa.table({"key": keys, "value": pa.array(sealed, pa.binary())}))

    def _insert(self, sealed: pa.Table) -> None:
        self._con.register("sealing", sealed)
        self._con.execute("INSERT INTO sealed SELECT key, value, ? FROM sealing", [self._load])
        self._con.unregister("sealing")


def _address(high: int, low: int, family: int) -> str:
    return str(IPv4Address(low & _LOW)) if family == 4 else str(IPv6Network((high << 64, 64)))
