"""Keyed hashes of the values in a batch, kind by kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from linkage.kernels.ip import parse_ips
from linkage.kernels.siphash import siphash_integers, siphash_ips, siphash_strings
from linkage.keys import Keyring
from linkage.model.kinds import kind_of

Keys = npt.NDArray[np.uint64]
_FOLDED = ("email", "email_domain")
_RESERVED = ("signup", "prompt")


class KindKeys:
    """Hashes values under the key of their kind, so that equal texts of two kinds have nothing in common."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def strings(self, kind: str, values: pa.Array) -> Keys:
        """Returns the hashes of texts; e-mail addresses and domains are compared without case."""
        if kind in _FOLDED:
            values = pc.utf8_lower(values)
        return siphash_strings(values, self._keyring.pair(kind))

    def numbers(self, kind: str, values: Keys) -> Keys:
        """Returns the hashes of whole numbers."""
        return siphash_integers(values, self._keyring.pair(kind))

    def ips(self, high: Any, low: Any, family: Any) -> Keys:
        """Returns the hashes of addresses: an IPv4 as it is, an IPv6 by the /64 that a home has."""
        return siphash_ips(high, low, family, self._keyring.pair("ip"))

    def identifiers(self, batch: pa.RecordBatch) -> Iterator[tuple[str, npt.NDArray[np.int64], Keys]]:
        """Yields kind, rows and hashes for each kind in a batch of the identifiers table."""
        kinds = pc.utf8_lower(pc.utf8_trim_whitespace(batch.column("kind")))
        for name in pc.unique(kinds).to_pylist():
            rows = np.flatnonzero(pc.equal(kinds, name).to_numpy(zero_copy_only=False))
            values = batch.column("value").take(pa.array(rows))
            kind = kind_of(name).name
            if kind in _RESERVED:
                kind = "other"
            if kind == "ip":
                yield from self._addresses(rows, values)
            elif kind == "other":
                yield kind, rows, self.strings(f"other:{name}", values)
            else:
                yield kind, rows, self.strings(kind, values)

    def of(self, name: str, value: str) -> list[int]:
        """Returns the key of one value of a kind, as a load makes it: none for an address that is none.

        `other` is any kind that is not known by name; prompts have many keys, and none here.
        """
        kind = kind_of(name).name
        if kind in ("payment", "bin", "email_domain"):
            found = self.strings(kind, pa.array([value]))
        else:
            batch = pa.RecordBatch.from_pydict({"kind": [name], "value": [value]})
            found = np.concatenate([keys for _, _, keys in self.identifiers(batch)])
        return [int(key) for key in found]

    def _addresses(self, rows: Any, values: pa.Array) -> Iterator[tuple[str, npt.NDArray[np.int64], Keys]]:
        high, low, family = parse_ips(values)
        good = np.flatnonzero(family)
        yield "ip", rows[good], self.ips(high[good], low[good], family[good])


def minutes(times: pa.Array) -> npt.NDArray[np.int32]:
    """Returns whole minutes since 1970 of microsecond times, -1 where there is none."""
    micros = pc.fill_null(times.cast(pa.int64()), -60_000_000).to_numpy(zero_copy_only=False)
    return np.asarray(micros // 60_000_000, np.int32)
