"""Address codes as text: an IPv4 address is its number, an IPv6 address a code with the top bit set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkage.simulate.network import V6_BIT
from linkage.simulate.randomness import Hashes, mix

if TYPE_CHECKING:
    import pyarrow as pa


def texts(codes: Hashes) -> pa.DictionaryArray:
    """Returns the addresses as a dictionary array; each distinct address is formatted once."""
    import pyarrow as pa

    values, places = np.unique(codes, return_inverse=True)
    split = int(np.searchsorted(values, V6_BIT))
    names = pa.concat_arrays([_four(values[:split]), _six(values[split:])])
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), names)


def _four(values: Hashes) -> pa.Array:
    octets = [(values >> np.uint64(shift)) & np.uint64(255) for shift in (24, 16, 8, 0)]
    return _joined(octets, [str(n) for n in range(256)], ".")


def _six(codes: Hashes) -> pa.Array:
    """A code holds the provider (11 bits), the slot of the line (28) and a number for the interface (24)."""
    provider = (codes >> np.uint64(52)) & np.uint64(0x7FF)
    slot = (codes >> np.uint64(24)) & np.uint64(0xFFFFFFF)
    interface = mix(codes, "interface")
    groups = [
        np.full(len(codes), 0x2A04, dtype=np.uint64),
        np.uint64(0x1000) | provider,
        np.uint64(0x1000) | (slot >> np.uint64(16)),
        slot & np.uint64(0xFFFF),
        *((interface >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (48, 32, 16, 0)),
    ]
    return _joined(groups, [f"{n:x}" for n in range(1 << 16)], ":")


def _joined(parts: list[Hashes], words: list[str], separator: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    vocabulary = pa.array(words)
    columns = [vocabulary.take(pa.array(part.astype(np.int32))) for part in parts]
    return pc.binary_join_element_wise(*columns, separator)
