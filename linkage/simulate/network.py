"""The network: providers, the lines that lease their addresses, and pools of lines that accounts come from.

A line is one customer of a provider: a home, an office, a server, an exit. Providers hand out addresses
for a lease, so the address of a line changes while no two lines of a provider ever hold one at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from linkage.simulate.randomness import Anything, Floats, Hashes, Ints, below, fraction, mix

RESERVED_EIGHTHS = {0, 10, 100, 127, 169, 172, 192, 198, 203}
"""First octets that hold private, shared or documentation ranges; the world uses none of them."""
V6_BIT = np.uint64(1 << 63)
FOREVER = 100_000


class Stick(IntEnum):
    """How long an account stays on one line of a pool."""

    REQUEST = 0
    SESSION = 1
    DAY = 2
    ALWAYS = 3


@dataclass(frozen=True, slots=True)
class Network:
    """The finished network. Pools are slices of `pool_lines`; an address is a code (`addresses.py`)."""

    pool_start: Ints
    pool_size: Ints
    pool_lines: Ints
    line_provider: Ints
    line_slot: Ints
    base: Ints
    span: Ints
    lease: Ints
    step: Ints
    dual: Floats

    def codes(self, pool: Ints, pick: Hashes, day: Ints, device: Ints, seed: int) -> Hashes:
        """Returns the address that each request comes from.

        `pick` chooses the line within the pool, `device` the interface of an IPv6 address, which changes
        daily (RFC 8981).
        """
        line = self.pool_lines[self.pool_start[pool] + below(pick, self.pool_size[pool])]
        provider = self.line_provider[line]
        epoch = (day + provider) // self.lease[provider]
        slot = (self.line_slot[line] * self.step[provider] + epoch * 40503) % self.span[provider]
        four: Hashes = (self.base[provider] + slot).astype(np.uint64)
        six = fraction(mix(pick, "stack")) < self.dual[provider]
        if not six.any():
            return four
        interface = mix(seed, line, day, device) & np.uint64(0xFFFFFF)
        place = (provider.astype(np.uint64) << np.uint64(52)) | (slot.astype(np.uint64) << np.uint64(24))
        return np.asarray(np.where(six, V6_BIT | place | interface, four), dtype=np.uint64)

    def fixed(self, lines: Ints) -> Hashes:
        """Returns the address codes of lines whose addresses never change."""
        provider = self.line_provider[lines]
        slot = (self.line_slot[lines] * self.step[provider]) % self.span[provider]
        return np.asarray((self.base[provider] + slot).astype(np.uint64))


class NetworkDraft:
    """The network while it is built: it grows by whole arrays of lines and pools."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._lease: list[int] = []
        self._dual: list[float] = []
        self._contiguous: list[bool] = []
        self._lines: list[Ints] = []
        self._line_count = 0
        self._sizes: list[Ints] = []
        self._members: list[Ints] = []
        self._pool_count = 0

    def provider(self, lease_days: int, *, dual: float = 0.0, contiguous: bool = False) -> int:
        """Returns a new provider: its lease, the share of IPv6 in its traffic, whether slots are in a row."""
        self._lease.append(lease_days)
        self._dual.append(dual)
        self._contiguous.append(contiguous)
        return len(self._lease) - 1

    def lines(self, providers: Anything) -> Ints:
        """Returns one new line at each of these providers."""
        self._lines.append(np.asarray(providers, dtype=np.int64))
        self._line_count += len(providers)
        return np.arange(self._line_count - len(providers), self._line_count, dtype=np.int64)

    def pools(self, lines: Ints, sizes: Anything | int = 1) -> Ints:
        """Returns new pools: the lines cut into runs of these sizes."""
        count = len(lines) // int(sizes) if isinstance(sizes, int) else len(sizes)
        self._sizes.append(np.broadcast_to(np.asarray(sizes, dtype=np.int64), (count,)))
        self._members.append(lines)
        self._pool_count += count
        return np.arange(self._pool_count - count, self._pool_count, dtype=np.int64)

    def pool(self, lines: Ints) -> int:
        """Returns one new pool of all these lines."""
        return int(self.pools(lines, np.array([len(lines)]))[0])

    def first_lines(self, pools: Ints) -> Ints:
        """Returns the first line of each of these pools."""
        sizes, lines = np.concatenate(self._sizes), np.concatenate(self._members)
        return np.asarray(lines[(np.cumsum(sizes) - sizes)[pools]])

    def finish(self) -> Network:
        """Returns the finished network, with address space given to each provider."""
        providers = np.concatenate(self._lines)
        used = np.bincount(providers, minlength=len(self._lease))
        span = 1 << np.ceil(np.log2(np.maximum(used * 2, 256))).astype(np.int64)
        sizes = np.concatenate(self._sizes)
        steps = self.rng.integers(1, 1 << 20, len(span)) * 2 + 1
        return Network(
            pool_start=np.cumsum(sizes) - sizes,
            pool_size=sizes,
            pool_lines=np.concatenate(self._members),
            line_provider=providers,
            line_slot=_rank_within(providers),
            base=self._bases(span),
            span=span,
            lease=np.array(self._lease, dtype=np.int64),
            step=np.where(self._contiguous, 1, steps),
            dual=np.array(self._dual),
        )

    def _bases(self, span: Ints) -> Ints:
        """Gives each provider an aligned block of public IPv4 space, the largest first."""
        octets = np.array([o for o in range(1, 224) if o not in RESERVED_EIGHTHS], dtype=np.int64)
        filled = self.rng.integers(0, 64, len(octets)) << 16
        base = np.zeros(len(span), dtype=np.int64)
        for provider in np.argsort(-span, kind="stable"):
            start = -(-filled // span[provider]) * span[provider]
            room = np.flatnonzero(start + span[provider] <= 1 << 24)
            chosen = int(self.rng.choice(room))
            base[provider] = (octets[chosen] << 24) + start[chosen]
            filled[chosen] = start[chosen] + span[provider]
        return base


def _rank_within(groups: Ints) -> Ints:
    """Returns the position of each element among those of its group."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.searchsorted(ordered, ordered)
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - starts
    return rank
