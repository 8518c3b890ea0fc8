"""The ids under which vertices are kept: made of their names, so that every look-up is by id, on every store.

A name can be any text, and stores refuse some characters in ids (JanusGraph: a hyphen), so an id is a hash of label
and names. Hashes spread over a cluster evenly, and two clients that write the same thing write to the same vertex.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gremlin_python.statics import long

_NUMBER_BITS = 55
_PADDING_BITS = 3
"""JanusGraph's own numbers: fewer than 2**55 of them, shifted by the three bits that say what a number is of."""


@dataclass(frozen=True, slots=True)
class Ids:
    """How vertices are named: by text of 32 hex digits, or by JanusGraph's numbers where it takes no text.

    Two of n names get the same number with a chance of n**2 / 2**56: one in 70,000 for a million vertices.
    """

    numbers: bool = False
    edges: bool = True
    """Whether the store takes ids of edges too, and so finds an edge without a look at others of its vertex."""

    def of(self, label: str, *names: str) -> Any:
        """Returns the id of the vertex of this label and these names."""
        text = "\0".join((label, *names)).encode()
        if not self.numbers:
            return hashlib.blake2b(text, digest_size=16).hexdigest()
        whole = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        return long(max(1, whole >> (64 - _NUMBER_BITS)) << _PADDING_BITS)

    def of_edge(self, label: str, out: Any, into: Any, *told: str) -> Any:
        """Returns the id of the edge of this label between two vertices."""
        return self.of(label, str(out), str(into), *told)

    def named(self, label: str, names: Iterable[str]) -> dict[Any, str]:
        """Returns names by the ids of their vertices of this label."""
        return {self.of(label, name): name for name in names}


BUCKETS = {"Account": 256, "Identifier": 256}
_ASKED_AT_ONCE = 32


def bucket(label: str, vertex: Any) -> str:
    """Returns the part of all vertices of a label in which a vertex is: an index of them, and no store scans."""
    number = int(vertex[-8:], 16) if isinstance(vertex, str) else vertex >> _PADDING_BITS
    return f"{label}/{number % BUCKETS.get(label, 1)}"


def bucket_groups(label: str) -> list[list[str]]:
    """Returns all parts of a label, those together that one request asks for."""
    names = [f"{label}/{number}" for number in range(BUCKETS.get(label, 1))]
    return [names[begin : begin + _ASKED_AT_ONCE] for begin in range(0, len(names), _ASKED_AT_ONCE)]


def digest(*values: Any) -> Any:
    """Returns a number of 63 bits that changes with any of the values, as JanusGraph and TinkerGraph keep it."""
    text = repr(values).encode()
    return long(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1)
