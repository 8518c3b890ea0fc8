"""The ring ledger: tonight's rings are matched to those of the run before, so that an id lasts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from linkage.model.rings import Event

CONTINUES = 0.5
"""A ring goes on under its id when half of the smaller of the two rings' members are in both."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A ring's line in the ledger: its id and what happened to it, each with the other ring or ''."""

    ring_id: str
    events: tuple[tuple[Event, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines of a run: for the rings found, in their order, and for those that have ended."""

    found: tuple[Entry, ...]
    ended: tuple[Entry, ...] = field(default=())


def match(found: Sequence[frozenset[str]], before: Mapping[str, frozenset[str]], used: Collection[str]) -> Ledger:
    """Returns the ledger of rings found, given the members of the rings before and all ids ever used.

    Pairs are taken in the order of common members, each ring at most once: a one-to-one matching by
    weight. What is left of a ring before has merged into the ring that took most of it, or dissolved.
    """
    common = _common(found, before)
    ranked = sorted(common.items(), key=lambda item: (-item[1], item[0][1], min(found[item[0][0]])))
    of_found: dict[int, str] = {}
    of_before: dict[str, int] = {}
    for (number, ring_id), shared in ranked:
        least = min(len(found[number]), len(before[ring_id]))
        if number not in of_found and ring_id not in of_before and shared >= CONTINUES * least:
            of_found[number], of_before[ring_id] = ring_id, number
    taken = set(used) | set(before)
    for number in range(len(found)):
        if number not in of_found:
            of_found[number] = _new_id(found[number], taken)
            taken.add(of_found[number])
    entries = tuple(
        Entry(of_found[number], _events(number, found, before, of_found, ranked)) for number in range(len(found))
    )
    ended = tuple(_ended(ring_id, before, of_found, ranked) for ring_id in sorted(before) if ring_id not in of_before)
    return Ledger(entries, ended)


def _common(found: Sequence[frozenset[str]], before: Mapping[str, frozenset[str]]) -> dict[tuple[int, str], int]:
    home = {account: ring_id for ring_id, accounts in before.items() for account in accounts}
    common: dict[tuple[int, str], int] = defaultdict(int)
    for number, accounts in enumerate(found):
        for account in accounts:
            if account in home:
                common[number, home[account]] += 1
    return common


def _new_id(accounts: frozenset[str], taken: Collection[str]) -> str:
    """Returns an id made of the founding members: equal facts give equal ids, on any store."""
    text = "\n".join(sorted(accounts)).encode()
    turn = 0
    while True:
        digest = hashlib.blake2b(text, digest_size=6, salt=turn.to_bytes(4, "big")).hexdigest()
        if f"ring-{digest}" not in taken:
            return f"ring-{digest}"
        turn += 1


def _events(
    number: int,
    found: Sequence[frozenset[str]],
    before: Mapping[str, frozenset[str]],
    of_found: Mapping[int, str],
    ranked: Sequence[tuple[tuple[int, str], int]],
) -> tuple[tuple[Event, str], ...]:
    ring_id = of_found[number]
    if ring_id not in before:
        origin = next((old for (new, old), shared in ranked if new == number and 2 * shared > len(found[number])), "")
        return ((Event.SPLIT, origin),) if origin else ((Event.FORMED, ""),)
    if len(found[number]) > len(before[ring_id]):
        return ((Event.GREW, ""),)
    return ((Event.SHRANK, ""),) if len(found[number]) < len(before[ring_id]) else ()


def _ended(
    ring_id: str,
    before: Mapping[str, frozenset[str]],
    of_found: Mapping[int, str],
    ranked: Sequence[tuple[tuple[int, str], int]],
) -> Entry:
    for (number, old), shared in ranked:
        if old == ring_id and 2 * shared >= len(before[ring_id]):
            return Entry(ring_id, ((Event.MERGED, of_found[number]),))
    return Entry(ring_id, ((Event.DISSOLVED, ""),))
