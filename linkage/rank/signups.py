"""What the times say at which accounts were made: rings are made at once, in waves, or drop by drop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

SPANS = (7, 30, 90)
"""Days within which the accounts of a ring are made: at once, in waves, or drop by drop."""

LEAST_SIGNUPS = 4
"""Times of sign-up of a ring from which its span is known."""


def densest(made: Floats, everyone: Floats) -> tuple[int, int, float]:
    """Returns a stretch [begin, end) of the times `made` (ascending) that is far denser than usual, and its bits.

    Of the spans the widest with half of the most bits, so that a ring's first and last accounts are in it.
    """
    found = []
    for days in SPANS:
        ends = np.searchsorted(made, made + 86_400.0 * days, side="right")
        usual = np.searchsorted(everyone, made + 86_400.0 * days, side="right") - np.searchsorted(everyone, made)
        count = ends - np.arange(len(made))
        due = np.maximum(usual, 1) / max(len(everyone), 1) * len(made)
        bits = np.where(count > due, count * np.log2(count / due) - (count - due) / np.log(2), 0.0)
        bits = np.maximum(bits - np.log2(len(SPANS) * max(len(made), 1)), 0.0)
        at = int(np.argmax(bits)) if len(bits) else 0
        found.append((at, int(ends[at]), float(bits[at])) if len(bits) else (0, 0, 0.0))
    most = max(bits for _, _, bits in found)
    return [one for one in found if 2 * one[2] >= most][-1]


def sign_up_bits(created: Floats, ring: Ints, accounts: Ints, target: Ints) -> Floats:
    """Returns how much likelier each account's time of sign-up is in its target ring than among all, log2.

    Nine in ten of a ring's accounts are made between the 5 % and the 95 % quantile of those known, a tenth of
    the span before and after it taken in (a day at least), one in ten at other times.
    """
    bits = np.zeros(len(accounts))
    everyone = np.sort(created[~np.isnan(created)])
    for number in np.unique(target).tolist():
        made = created[ring == number]
        made = made[~np.isnan(made)]
        if len(made) < LEAST_SIGNUPS:
            continue
        low, high = np.quantile(made, [0.05, 0.95])
        room = max((high - low) * 0.1, 86_400.0)
        usual = (np.searchsorted(everyone, high + room) - np.searchsorted(everyone, low - room)) / len(everyone)
        own = created[accounts]
        inside = (own >= low - room) & (own <= high + room)
        ratio = np.where(inside, 0.9 / max(usual, 1e-6), 0.1 / max(1 - usual, 0.1))
        rows = (target == number) & ~np.isnan(own)
        bits[rows] = np.log2(ratio[rows])
    return bits
