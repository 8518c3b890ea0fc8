"""A bucket of cost for each sender: what is asked for is taken out of it, and it fills again with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from linkage.serve.faults import Code, Fault

MOST_SENDERS = 10_000
"""Buckets that are kept; the one that was used longest ago is by then full again."""


@dataclass(slots=True)
class _Bucket:
    points: float
    at: float


class Buckets:
    """Buckets of `size` points that fill by `rate` points a second; the clock counts seconds."""

    def __init__(self, size: int, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, sender: str, cost: int) -> None:
        """Takes the cost out of the sender's bucket; a Fault (429) says when there will be enough in it."""
        bucket = self._filled(sender)
        if bucket.points < cost:
            wait = math.ceil((cost - bucket.points) / self._rate)
            raise Fault(
                Code.RATE_LIMITED,
                f"the query costs {cost} points and {int(bucket.points)} are left; they fill by {self._rate} a second",
                status=429,
                retry_after=wait,
            )
        bucket.points -= cost

    def give_back(self, sender: str, cost: int) -> None:
        """Puts back what a request did not use."""
        bucket = self._filled(sender)
        bucket.points = min(self._size, bucket.points + cost)

    def status(self, sender: str) -> dict[str, int]:
        """Returns what is left, as `extensions.cost.throttleStatus` shows it."""
        left = int(self._filled(sender).points)
        return {"maximumAvailable": self._size, "currentlyAvailable": left, "restoreRate": self._rate}

    def _filled(self, sender: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(sender, _Bucket(self._size, now))
        self._buckets.move_to_end(sender)
        if len(self._buckets) > MOST_SENDERS:
            self._buckets.popitem(last=False)
        bucket.points = min(self._size, bucket.points + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket
