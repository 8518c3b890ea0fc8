"""Repeatable chance: named random streams, and a hash that turns numbers into lasting choices."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Anything = NDArray[Any]  # a column of any type: tables mix them


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Returns the random stream of this seed and these names; equal arguments give equal numbers."""
    words = [name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names]
    return np.random.default_rng([seed, *words])


def mix(*parts: Anything | int | str) -> Hashes:
    """Returns one 64-bit hash for each element of the broadcast parts (splitmix64, chained).

    Source of the constants: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    state = np.zeros(1, dtype=np.uint64)
    for part in parts:
        state = _scramble(state ^ (_words(part) + np.uint64(0x9E3779B97F4A7C15)))
    return state


def _words(part: Anything | int | str) -> Hashes:
    if isinstance(part, str):
        part = zlib.crc32(part.encode())
    # one dimension at least: numpy warns of overflow on scalars, and wraps silently on arrays
    return np.atleast_1d(np.asarray(part)).astype(np.uint64)


def _scramble(x: Hashes) -> Hashes:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def below(hashes: Hashes, limit: Anything | int) -> Ints:
    """Returns for each hash a whole number in [0, limit)."""
    return np.asarray((hashes >> np.uint64(1)).astype(np.int64) % limit, dtype=np.int64)


def fraction(hashes: Hashes) -> Floats:
    """Returns for each hash a number in [0, 1)."""
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def zipf(rng: np.random.Generator, kinds: int, size: int, exponent: float = 1.0) -> Ints:
    """Returns `size` draws from `kinds` values whose popularity falls as rank^-exponent."""
    weights = np.arange(1, kinds + 1, dtype=np.float64) ** -exponent
    return np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(size), side="right").clip(max=kinds - 1)


def crews(rng: np.random.Generator, total: int, low: int, high: int, middle: float, spread: float) -> Ints:
    """Returns group sizes that sum to `total`: lognormal around `middle`, each within [low, high].

    The last group takes what is left, so it alone may be smaller than `low`, unless it can join another.
    """
    if total <= 0:
        return np.zeros(0, dtype=np.int64)
    count = max(4, int(3 * total / middle) + 8)
    drawn = np.exp(rng.normal(np.log(middle), spread, count)).astype(np.int64).clip(low, high)
    ends = np.cumsum(drawn)
    while ends[-1] < total:  # a run of small draws: go round again
        drawn = np.concatenate([drawn, drawn])
        ends = np.cumsum(drawn)
    last = int(np.searchsorted(ends, total))
    sizes = drawn[: last + 1].copy()
    sizes[last] -= int(ends[last]) - total
    if last > 0 and sizes[last] < low:
        sizes[last - 1] += sizes[last]
        sizes = sizes[:last]
    return sizes
