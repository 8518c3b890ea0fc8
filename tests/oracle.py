"""docs/model.md written out slowly and plainly, to test the fast implementations against.

Everything is a list of dicts. Raw worlds: `accounts` have id and starts (minutes of session starts), and may
have organization and label; `uses` have account_id, key, kind, place (or None) and days. `weigh` makes of them
what a store holds: identifiers with degree, peak, bits and windowed, and accounts with breadth. `links` makes
the links of that.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import log, log2, sqrt
from typing import Any

Row = dict[str, Any]
FACET_OF = {
    "ip": "network",
    "payment": "payment",
    "bin": "payment",
    "prompt": "content",
    "device": "device",
    "tls": "device",
    "phone": "profile",
    "email": "profile",
    "email_domain": "profile",
    "other": "profile",
    "signup": "profile",
}
FACETS = ("network", "payment", "content", "timing", "device", "profile")
CROWDED = ("office", "school", "cgnat", "mobile", "datacenter", "vpn", "relay", "tor", "shared", "private")
WEAK = ("tls", "email_domain", "signup")
INFRASTRUCTURE = ("ip", "payment", "bin", "device", "phone", "email", "other")
DAY = 1440


@dataclass(frozen=True)
class Limits:
    """What makes a link, in bits."""

    margin: float = 4.0
    cap: float = 20.0
    timing_cap: float = 12.0
    floor: float = 3.0
    behaviour_floor: float = 4.0
    keep: int = 64


def weigh(accounts: list[Row], uses: list[Row]) -> tuple[list[Row], list[Row]]:
    """Returns the accounts with breadth, and the identifiers with degree, peak, bits and windowed."""
    users: dict[str, set[str]] = defaultdict(set)
    by_day: dict[tuple[str, int], set[str]] = defaultdict(set)
    seen_at: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, tuple[str, str | None]] = {}
    for use in uses:
        users[use["key"]].add(use["account_id"])
        kinds[use["key"]] = (use["kind"], use["place"])
        for day in use["days"]:
            by_day[use["key"], day].add(use["account_id"])
        if use["kind"] == "ip" and use["place"] in CROWDED:
            seen_at[use["place"]].add(use["account_id"])
    identifiers = []
    for key, (kind, place) in sorted(kinds.items()):
        peak = max((len(found) for (one, _), found in by_day.items() if one == key), default=1)
        population = len(seen_at[place]) if kind == "ip" and place in CROWDED else len(accounts)
        d = peak if kind == "ip" else len(users[key])
        bits = round(log2((population - 1) / (d - 1)), 3) if d >= 2 and population >= 2 else 0.0
        identifiers.append(
            {
                "key": key,
                "kind": kind,
                "facet": FACET_OF[kind],
                "place": place,
                "degree": len(users[key]),
                "peak": peak,
                "bits": bits if bits >= 1 else 0.0,
                "windowed": kind == "ip",
            }
        )
    return _with_breadth(accounts, uses, identifiers), identifiers


def _with_breadth(accounts: list[Row], uses: list[Row], identifiers: list[Row]) -> list[Row]:
    """An account's breadth counts what can link it: shared things that are worth anything."""
    facet = {one["key"]: one["facet"] for one in identifiers if one["bits"] > 0}
    things: dict[tuple[str, str], set[str]] = defaultdict(set)
    for use in uses:
        if use["key"] in facet:
            things[use["account_id"], facet[use["key"]]].add(use["key"])
    mean = {}
    for name in FACETS:
        counts = [len(found) for (_, one), found in things.items() if one == name]
        mean[name] = sum(counts) / len(counts) if counts else 1.0

    def breadth(account_id: str, name: str) -> float:
        count = len(things.get((account_id, name), ()))
        return round(max(0.0, 0.5 * log2(count / mean[name])), 3) if count else 0.0

    return [{**one, "breadth": [breadth(one["id"], name) for name in FACETS]} for one in accounts]


def expected_by_chance(prompts: list[Row], accounts: int) -> list[float]:
    """Returns the bits of prompts that two accounts share by chance, by whole bits of their breadths together."""
    return [
        sum(min(1.0, 4**s * (one["degree"] / accounts) ** 2) * max(0.0, one["bits"] - s) for one in prompts)
        for s in range(21)
    ]


def links(accounts: list[Row], identifiers: list[Row], uses: list[Row], limits: Limits) -> list[Row]:
    """Returns the links by (account_a, account_b): bits, those by facet, grade."""
    things = {one["key"]: one for one in identifiers}
    used: dict[str, dict[str, set[int]]] = defaultdict(dict)
    for use in uses:
        used[use["account_id"]].setdefault(use["key"], set()).update(use["days"])
    traffic = any(one["starts"] for one in accounts)
    needed = round(log2(max(len(accounts), 2)) + limits.margin, 3)
    chance = expected_by_chance([one for one in identifiers if one["kind"] == "prompt"], len(accounts))
    found = []
    for a, b in combinations(sorted(accounts, key=lambda one: one["id"]), 2):
        shared = _shared(a, b, used[a["id"]], used[b["id"]], things)
        telling = max(limits.floor, round(1000 * needed) // 5 / 1000)
        based = sum(bits for kind, bits in shared if kind in INFRASTRUCTURE and bits >= telling)
        if round(based, 3) < max(limits.floor, round(1000 * needed) * 2 // 5 / 1000):
            continue
        kinds = _kinds(shared)
        breadth = min(a["breadth"][FACETS.index("content")] + b["breadth"][FACETS.index("content")], 19.999999)
        below, above = chance[int(breadth)], chance[int(breadth) + 1]
        expected = below + (breadth - int(breadth)) * (above - below)
        charge = round(expected + 2 * sqrt(5 * expected), 3)
        kinds["prompt"] = max(0.0, kinds.get("prompt", 0.0) - charge)
        pair, support = _facets(kinds, limits.cap), _facets(_without_weak(kinds), limits.cap)
        others = round(sum(pair.values()), 3)
        if others <= 0 or others + limits.timing_cap < needed:
            continue
        pair["timing"] = support["timing"] = min(limits.timing_cap, timing_bits(a["starts"], b["starts"]))
        total, supported = (round(sum(facets.values()), 3) for facets in (pair, support))
        behaves = behaviour(pair, support, limits, traffic)
        if total >= needed and (behaves or supported >= needed):
            grade = "behaviour" if behaves and not excused(a, b) else "infrastructure"
            found.append({"account_a": a["id"], "account_b": b["id"], "bits": total, **pair, "grade": grade})
    return strongest(found, limits.keep)


def _shared(
    a: Row, b: Row, used_a: dict[str, set[int]], used_b: dict[str, set[int]], things: dict[str, Row]
) -> list[tuple[str, float]]:
    """Returns the kind of each thing that the two share, and what it is worth to them."""
    found = []
    for key in used_a.keys() & used_b.keys():
        thing = things[key]
        if thing["windowed"] and not used_a[key] & used_b[key]:
            continue
        at = FACETS.index(thing["facet"])
        found.append((thing["kind"], round(max(0.0, thing["bits"] - a["breadth"][at] - b["breadth"][at]), 3)))
    return found


def _kinds(shared: list[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for kind, bits in shared:
        sums[kind] += bits
    return dict(sums)


def _without_weak(kinds: dict[str, float]) -> dict[str, float]:
    return {kind: bits for kind, bits in kinds.items() if kind not in WEAK}


def _facets(kinds: dict[str, float], cap: float) -> dict[str, float]:
    facets = dict.fromkeys(FACETS, 0.0)
    for kind, bits in kinds.items():
        name = FACET_OF[kind]
        facets[name] = round(min(cap, max(facets[name], bits)), 3)
    return facets


def excused(a: Row, b: Row) -> bool:
    """Returns whether a declaration explains what the two share."""
    tenant = a.get("organization")
    return (tenant is not None and tenant == b.get("organization")) or "benign" in (a.get("label"), b.get("label"))


def timing_bits(starts_a: list[int], starts_b: list[int]) -> float:
    """Returns the bits of timing before the cap."""
    if not starts_a or not starts_b:
        return 0.0
    first = max(min(starts_a) // DAY, min(starts_b) // DAY)
    last = min(max(starts_a) // DAY, max(starts_b) // DAY)
    if last < first:
        return 0.0
    best = 0.0
    for scale in (10, 60):
        windows_a = {minute // scale for minute in starts_a if first <= minute // DAY <= last}
        windows_b = {minute // scale for minute in starts_b if first <= minute // DAY <= last}
        k = len(windows_a & windows_b)
        mu = 0.0
        for hour in range(24):
            in_a = sum(1 for window in windows_a if window * scale // 60 % 24 == hour)
            in_b = sum(1 for window in windows_b if window * scale // 60 % 24 == hour)
            mu += in_a * in_b / ((last - first + 1) * 60 / scale)
        if k >= 3 and k > mu:
            best = max(best, (k * log(k / mu) - (k - mu)) / log(2) - log2(2))
    return round(best, 3)


def behaviour(facets: dict[str, float], support: dict[str, float], limits: Limits, traffic: bool) -> bool:
    """Returns whether a pair with the needed bits behaves alike; `support` leaves out the weak kinds."""
    supporting = {name for name, bits in support.items() if bits >= limits.floor}
    if traffic:
        behaves = round(facets["content"] + facets["timing"], 3) >= limits.behaviour_floor
    else:
        behaves = "payment" in supporting or "device" in supporting
    return len(supporting) >= 2 and behaves


def strongest(found: list[Row], keep: int) -> list[Row]:
    """Returns the links that are among the strongest of their grade at either end; ties by the other's id."""
    ends: dict[tuple[str, str], list[tuple[float, str, tuple[str, str]]]] = defaultdict(list)
    for link in found:
        a, b = link["account_a"], link["account_b"]
        ends[a, link["grade"]].append((-link["bits"], b, (a, b)))
        ends[b, link["grade"]].append((-link["bits"], a, (a, b)))
    kept = {pair for rows in ends.values() for _, _, pair in sorted(rows)[:keep]}
    return sorted(
        (link for link in found if (link["account_a"], link["account_b"]) in kept),
        key=lambda link: (link["account_a"], link["account_b"]),
    )


def random_world(seed: int, size: int = 24) -> tuple[list[Row], list[Row]]:
    """Returns raw accounts and uses of a small world, in which one account in three is of a ring.

    Things of every kind are shared by few or by many, on the same days or on others; members of a ring
    also share things, and start some sessions together.
    """
    chance = random.Random(seed)
    names = [f"n{number:02}" for number in range(size)]
    ring = chance.sample(names, size // 3)
    first = 20_000
    together = [first * DAY + chance.randrange(4 * DAY) for _ in range(chance.randrange(9))]
    accounts = []
    for name in names:
        own = [first * DAY + chance.randrange(4 * DAY) for _ in range(chance.choice((0, 2, 8, 16)))]
        common = [minute + chance.randrange(3) for minute in together if chance.random() < 0.9]
        account = {"id": name, "starts": sorted({*own, *(common if name in ring else [])})}
        declared = {
            "organization": chance.choice((None, None, "x", "y")),
            "label": chance.choice((None,) * 9 + ("benign",)),
        }
        accounts.append(account | declared)
    uses: list[Row] = []
    for number in range(chance.randrange(15, 40)):
        kind = chance.choice(sorted(FACET_OF))
        place = chance.choice((None, "home", "vpn", "cgnat", "office")) if kind == "ip" else None
        users = chance.sample(ring if chance.random() < 0.4 else names, chance.choice((1, 2, 2, 3, 3, size // 4)))
        for name in users:
            days = sorted(chance.sample(range(first, first + 4), chance.choice((1, 2, 3)) if kind == "ip" else 2))
            use = {"account_id": name, "key": f"{number:016x}", "kind": kind, "place": place}
            uses.append(use | {"days": days if kind == "ip" or chance.random() < 0.8 else []})
    return accounts, uses
