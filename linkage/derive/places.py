"""What sort of place an IP is, from users' own lists of networks.

A list is a text file (also gzipped) of one network or address a line, `#` begins a comment; its name says
the place: `vpn*.txt`, `*datacenter*`, `cloud_*`, `*relay*`, `tor*`, `cgnat*`, `rfc6598*`, `office*`, …
"""

from __future__ import annotations

import gzip
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from linkage.errors import InputError, SettingsError
from linkage.model.kinds import PLACE_CODES, Place

_NAMES: tuple[tuple[str, Place], ...] = (
    ("tor", Place.TOR),
    ("relay", Place.RELAY),
    ("vpn", Place.VPN),
    ("datacenter", Place.DATACENTER),
    ("cloud", Place.DATACENTER),
    ("hosting", Place.DATACENTER),
    ("cgnat", Place.CGNAT),
    ("rfc6598", Place.CGNAT),
    ("mobile", Place.MOBILE),
    ("school", Place.SCHOOL),
    ("university", Place.SCHOOL),
    ("office", Place.OFFICE),
    ("home", Place.HOME),
    ("private", Place.PRIVATE),
    ("rfc1918", Place.PRIVATE),
)
"""The first word found in a list's name decides; it also wins where lists overlap."""

_Words = npt.NDArray[np.uint64]
_ADDRESS = np.dtype([("family", "u1"), ("high", ">u8"), ("low", ">u8")])
"""The family comes first: neither does an IPv6 network reach into IPv4, nor the last one past the end."""


class PlaceLists:
    """Networks by place. `find` answers for many addresses at once."""

    def __init__(self, networks: list[tuple[int, int, int, int]]) -> None:
        """Takes (first, last, rank, place code) with addresses as numbers of 136 bits: family, then address."""
        self._first, self._place = _flatten(networks)

    @property
    def empty(self) -> bool:
        """Returns whether there is no network at all."""
        return len(self._first) == 0

    @classmethod
    def read(cls, folder: str) -> PlaceLists:
        """Returns the lists in a folder; none for an empty name. SettingsError, InputError on a bad one."""
        if not folder:
            return cls([])
        path = Path(folder)
        if not path.is_dir():
            raise SettingsError(f"LINKAGE_LISTS is «{folder}», which is not a folder")
        networks: list[tuple[int, int, int, int]] = []
        for file in sorted(path.iterdir()):
            rank = _rank(file.name)
            if rank is not None and file.name.endswith((".txt", ".txt.gz")):
                code = PLACE_CODES[_NAMES[rank][1]]
                networks.extend((first, last, rank, code) for first, last in _networks(file))
        if not networks:
            raise InputError(f"no list of networks in {folder}: files are named like vpn_ipv4.txt or office.txt.gz")
        return cls(networks)

    def find(self, high: _Words, low: _Words, family: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Returns the place code of each address (0 where no list has it), from two words and the family."""
        if self.empty:
            return np.zeros(len(low), np.uint8)
        wide = np.empty(len(low), _ADDRESS)
        wide["family"] = family
        wide["high"] = np.where(family == 4, 0, high)
        wide["low"] = np.where(family == 4, low & np.uint64(0xFFFFFFFF), low)
        at = np.searchsorted(self._first, wide.view(_ORDERED), side="right") - 1
        return np.where(at >= 0, self._place[at], 0).astype(np.uint8)


_ORDERED = np.dtype(f"S{_ADDRESS.itemsize}")  # bytes compare in the order of the addresses


def _rank(name: str) -> int | None:
    lowered = name.lower()
    for rank, (word, _) in enumerate(_NAMES):
        if word in lowered:
            return rank
    return None


def _networks(file: Path) -> Iterator[tuple[int, int]]:
    opened: Any = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                text = line.split("#")[0].strip()
                if text:
                    yield _range(text, file.name, number)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{file.name} cannot be read as a list of networks: {error}") from error


def _range(text: str, name: str, number: int) -> tuple[int, int]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InputError(f"{name}, line {number}: not a network or address") from None
    base = network.version << 128
    return base | int(network.network_address), base | int(network.broadcast_address)


def _flatten(
    networks: list[tuple[int, int, int, int]],
) -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.uint8]]:
    """Returns the first address of each stretch with one answer, ascending, and the answers (0: none)."""
    changes: list[tuple[int, int, int, int]] = []
    for first, last, rank, code in networks:
        changes.append((first, 1, rank, code))
        changes.append((last + 1, -1, rank, code))
    changes.sort()
    depth: dict[tuple[int, int], int] = {}
    firsts: list[int] = []
    places: list[int] = []
    for at, step, rank, code in changes:
        depth[rank, code] = depth.get((rank, code), 0) + step
        if depth[rank, code] == 0:
            del depth[rank, code]
        answer = min(depth)[1] if depth else 0
        if firsts and firsts[-1] == at:
            places[-1] = answer
        else:
            firsts.append(at)
            places.append(answer)
    packed = [first.to_bytes(_ORDERED.itemsize, "big") for first in firsts]
    return np.array(packed, _ORDERED), np.asarray(places, np.uint8)
