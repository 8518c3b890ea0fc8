"""The ground that every cohort is built upon: countries, providers, fresh keys, schedules, question banks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from linkage.simulate.network import FOREVER, NetworkDraft
from linkage.simulate.randomness import Floats, Hashes, Ints, mix, stream
from linkage.simulate.rhythm import DAY, SchedulesDraft

DAYS = 30
"""How long every world lasts."""

COUNTRIES = ("US", "US", "IN", "GB", "DE", "BR", "JP", "FR", "CA", "AU", "NG", "MX", "SG", "PL", "KR")
OFFSETS: Ints = np.array([-5, -8, 5, 0, 1, -3, 9, 1, -5, 10, 1, -6, 8, 1, 9])
"""Hours from UTC, by country; the first two are the two coasts of one."""
SHARES: Floats = np.array([18, 14, 13, 7, 7, 6, 6, 5, 5, 4, 4, 4, 2, 3, 2], dtype=np.float64) / 100

HOME_PROVIDERS = ((1, 0.0), (7, 0.0), (14, 0.5), (FOREVER, 0.0))
"""Lease in days and share of IPv6 of the home providers of each country."""
HOME_SHARES = (0.2, 0.3, 0.3, 0.2)
DATACENTERS = 8
DATASETS = 8
"""Public sets of questions, equal in every world."""


@dataclass(slots=True)
class Fresh:
    """Counters of keys that nobody has yet."""

    taken: dict[str, int] = field(default_factory=dict)

    def take(self, kind: str, count: int) -> Ints:
        """Returns `count` new keys of this kind."""
        start = self.taken.get(kind, 0)
        self.taken[kind] = start + count
        return np.arange(start, start + count, dtype=np.int64)


@dataclass(slots=True)
class Banks:
    """Banks of questions: how many questions each has, of which field, and the share taken from public sets.

    `public` is the number of a public data set, which is the same in every world, or -1.
    """

    sizes: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)
    public: list[int] = field(default_factory=list)
    borrowed: list[float] = field(default_factory=list)

    def add(self, size: int, subject: int, *, public: bool = False, borrowed: float = 0.0) -> int:
        """Returns the number of a new bank of `size` questions on one subject."""
        self.sizes.append(max(1, size))
        self.fields.append(subject)
        self.public.append(len(self.sizes) if public else -1)
        self.borrowed.append(borrowed)
        return len(self.sizes) - 1


class Ground:
    """What exists before anybody signs up."""

    def __init__(self, seed: int, accounts: int) -> None:
        self.seed = seed
        self.accounts = accounts
        self.rng = stream(seed, "ground")
        self.network = NetworkDraft(stream(seed, "network"))
        self.schedules = SchedulesDraft()
        self.fresh = Fresh()
        self.banks = Banks()
        self.lists: dict[str, list[Ints]] = {}
        net = self.network
        self.home = np.array([[net.provider(lease, dual=dual) for lease, dual in HOME_PROVIDERS] for _ in COUNTRIES])
        self.business = np.array([net.provider(FOREVER, contiguous=True) for _ in COUNTRIES])
        self.datacenter = np.array([net.provider(FOREVER, contiguous=True) for _ in range(DATACENTERS)])
        self.carriers = self._carriers()
        sizes = self.rng.integers(100, 3000, 160)
        self.catalogues = np.array([self.banks.add(int(n), s % 16) for s, n in enumerate(sizes)])
        self.datasets = np.array([self.banks.add(3000 * (n + 1), 2 + n, public=True) for n in range(DATASETS)])
        self.hourly = self.schedules.add(np.linspace(0.0, DAYS * DAY, DAYS * 24, endpoint=False))
        self.midnight = self.schedules.add(np.linspace(0.0, DAYS * DAY, DAYS, endpoint=False))

    def _carriers(self) -> Ints:
        """Returns for each country the pool of gateways of its mobile carrier (carrier-grade NAT)."""
        subscribers = self.accounts * SHARES * 0.3
        gateways = np.maximum(1, subscribers / min(2000, 200 + self.accounts / 50)).astype(np.int64)
        providers = np.array([self.network.provider(FOREVER, contiguous=True) for _ in COUNTRIES])
        return self.network.pools(self.network.lines(np.repeat(providers, gateways)), gateways)

    def homes(self, countries: Ints) -> Ints:
        """Returns a new pool of one leased home line in each of these countries."""
        return self.network.pools(self.home_lines(countries))

    def home_lines(self, countries: Ints) -> Ints:
        """Returns a new leased home line in each of these countries."""
        which = self.rng.choice(len(HOME_SHARES), size=len(countries), p=HOME_SHARES)
        return self.network.lines(self.home[countries, which])

    def sites(self, countries: Ints, lines: Ints | int = 1) -> Ints:
        """Returns for each country a new pool of fixed business lines: an office, a school, a café."""
        counts = np.broadcast_to(np.asarray(lines, dtype=np.int64), (len(countries),))
        return self.network.pools(self.network.lines(np.repeat(self.business[countries], counts)), counts)

    def servers(self, count: int) -> Ints:
        """Returns new lines in data centers, rented in runs at one of them."""
        runs = np.repeat(self.rng.integers(0, DATACENTERS, count // 4 + 1), 4)[:count]
        return self.publish("datacenter", self.network.lines(self.datacenter[runs]), 0.9)

    def publish(self, name: str, lines: Ints, known: float) -> Ints:
        """Puts the share `known` of these lines on a public list of such places; returns all the lines."""
        self.lists.setdefault(name, []).append(lines[self.rng.random(len(lines)) < known])
        return lines

    def templates(self, count: int) -> Hashes:
        """Returns `count` keys of template families that nobody has yet."""
        return mix(self.seed, self.fresh.take("template", count), "template")

    def countries(self, size: int) -> Ints:
        """Returns a country for each of `size` people."""
        return self.rng.choice(len(COUNTRIES), size=size, p=SHARES)
