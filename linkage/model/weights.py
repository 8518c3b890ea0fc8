"""The constants and formulas of docs/model.md that every implementation of it shares.

Weights in columns are whole millibits (thousandths of a bit): sums of integers do not depend on order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from linkage.model.kinds import Place

LEAST_BITS = 1.0
"""A thing worth less is left out: more than half of those who could share it would have to."""

TIMING_SCALES = (10, 60)
"""Widths in minutes of the windows in which session starts coincide."""

LEAST_COINCIDENCES = 3
"""Fewer common windows are no evidence of timing."""

LINKS_PER_ACCOUNT = 24
"""An account keeps this many of its strongest links, of each grade."""

CROWDED: frozenset[Place] = frozenset(
    {
        Place.OFFICE,
        Place.SCHOOL,
        Place.CGNAT,
        Place.MOBILE,
        Place.DATACENTER,
        Place.VPN,
        Place.RELAY,
        Place.TOR,
        Place.SHARED,
        Place.PRIVATE,
    }
)
"""Places that many people pass through: rarity there is judged among those who do."""


def needed_bits(accounts: int, margin: float) -> float:
    """Returns the bits that make a link among `accounts` accounts: the prior log2 N and the margin."""
    return round(math.log2(max(accounts, 2)) + margin, 3)


def telling_millibits(needed: int, floor: int) -> int:
    """Returns the millibits from which a thing of infrastructure counts towards a pair's being looked at."""
    return max(floor, needed // 5)


def based_millibits(needed: int, floor: int) -> int:
    """Returns the millibits of telling infrastructure from which a pair is looked at."""
    return max(floor, needed * 2 // 5)


def timing_bits(common: int, expected: float) -> float:
    """Returns the bits of `common` coinciding windows where `expected` were due by chance.

    The log likelihood ratio of two Poisson rates, less log2 of the number of scales tried.
    """
    if common < LEAST_COINCIDENCES or common <= expected or expected <= 0:
        return 0.0
    ratio = (common * math.log(common / expected) - (common - expected)) / math.log(2)
    return max(0.0, round(ratio - math.log2(len(TIMING_SCALES)), 3))


GRADES = ("behaviour", "infrastructure")
"""Grades of links, by their number in columns: only the first makes members."""

BEHAVIOUR_GRADE, INFRASTRUCTURE_GRADE = range(len(GRADES))
NO_GRADE = len(GRADES)
"""Stands for a pair that is no link although its bits add up."""

CHARGED_KIND = "prompt"
"""The kind whose sum is charged for what two accounts share by chance."""


CHANCES = 21
"""E of docs/model.md is kept for breadths of 0, 1, … 20 bits."""


def chance_millibits(chance: Sequence[float], breadth: int) -> int:
    """Returns the charge in millibits for prompts shared by chance.

    `chance` is E of docs/model.md in bits, by whole bits of breadth; `breadth` the sum of both accounts' in millibits.
    """
    whole = min(breadth // 1000, len(chance) - 1)
    rest = min(breadth / 1000.0 - whole, 1.0)
    expected = chance[whole] + rest * (chance[min(whole + 1, len(chance) - 1)] - chance[whole])
    return round(1000.0 * (expected + 2.0 * math.sqrt(5.0 * expected)))


VOUCHERS = 2
"""Links into the ring that a member needs: one household or café must not inherit a ring's score."""

LINKS_WEIGHED = LINKS_PER_ACCOUNT
"""So many links of an account to those behind it are looked for: in a ring of 20,000 each pair would be one."""

CANDIDATES = 256
"""And so many accounts behind it are weighed at all, those with the most infrastructure in common."""

CROWD = 64
"""Where more accounts meet on a day at an address, an account meets the next few of them only."""

MULTITUDE = 1024
"""The same for a card, its BIN, a device, which accounts share for good."""

NEIGHBOURS = 8
"""Those few: enough to hold a ring of any size together, and few enough for a carrier's gateway."""
