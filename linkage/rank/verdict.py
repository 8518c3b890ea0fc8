"""What makes a ring of a community, once each observation of its conduct has its bits (`judge`).

No sum makes a ring of accounts whose repertoire clearly speaks against it, unless several of them were banned, nor of
such as ask no more than people do, unless some are known for abuse; and who only asks much from a shared repertoire may
be a researcher: one observation more has to tell that somebody runs these accounts. Those who are together at one place
for most of the time are explained by it, as classes and offices are, and need more; a staff at work is no ring.
"""

from __future__ import annotations

from dataclasses import dataclass

BUSIER, RECORDED = 1.0, 2.0
"""Bits of volume that a ring has, twice the usual, or bits of record instead, if more than one is known for abuse."""

MARKS = 3
"""So many members known for abuse, where they are far more than elsewhere, outweigh what the ring asks: a script with
one template may have no question twice."""

ROOM = 2.75
"""Bits of volume of a ring that is together at one place and whose accounts send what nobody else does: nearly seven
times the usual. An agency runs the accounts of its clients from one server, on one card and by one timetable; but the
texts of its clients are their own, where a ring asks from a pool, and they are not that many."""

FEWEST, LUCK = 5, 4.0
"""Bits of conduct that a community of so few accounts may owe to luck: of many it chose the likeliest. The larger it
is the surer its median, whose error falls with the root of the number."""

CLOSER, BY_CHANCE, ALIKE = 0.5, 2.0, 2.0
"""Bits of sign-up (and as many more for `FEWEST` accounts, whom chance brings together), or of record, hands or timing,
of which one at least says that somebody runs the accounts: of a hundred groups of strangers one comes as close."""

NEARLY, CLEAR = 1.0, 2.0
"""Bits of repertoire that may lack where all else has so many more than are needed; as many more need those who are
together at one place, as classes are, unless they keep step or have their cards in common."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Bits of a ring's conduct, and those of each of its members on its own, by account number; which of these are
    `unlike` it: their sign-up speaks against it, and they ask no more than people do.

    The others say what each observation gives to the ring's. `run`: one at least tells that somebody runs them, or
    the facts cannot tell; `fresh`: its accounts ask what nobody else asks, and all the rest speaks for a ring;
    `placed`: they are together at one place for most of the time; `pooled`: hardly anything that they ask is asked by
    one of them alone; `one_purse`: half of them pay with what another pays; `at_work`: they keep the hours of work.
    """

    bits: float
    members: tuple[float, ...]
    unlike: tuple[bool, ...] = ()
    volume: float = 0.0
    repertoire: float = 0.0
    signup: float = 0.0
    timing: float = 0.0
    record: float = 0.0
    hits: int = 0
    run: bool = True
    fresh: bool = False
    placed: bool = False
    pooled: bool = False
    one_purse: bool = False
    at_work: bool = False

    def stands(self, least: float) -> bool:
        """Returns whether this is the conduct of a ring: enough bits, and no behaviour that speaks against it.

        `least` is what a ring of `FEWEST` needs.

        A busy hall full of newcomers is no ring if they do not ask alike, nor is a class at its exercise; a staff at
        its workplace is none but by its record.
        """
        if self.placed and self.at_work and not (self.record >= RECORDED and self.hits > 1):
            return False
        agency = self.placed and not self.pooled
        busy = self.volume >= (ROOM if agency else BUSIER) or (self.record >= RECORDED and self.hits > 1)
        explained = self.placed and not self.one_purse and self.timing < ALIKE
        told = self.marked or self.repertoire >= (0.0 if explained or agency else -NEARLY)
        owed = CLEAR if explained or (self.repertoire < 0 and not self.marked) else 0.0
        if self.fresh:  # which no repertoire below 0 is, nor those who are together at one place
            return self.bits >= self.needed(least)
        return told and busy and self.run and self.bits >= self.needed(least) + owed

    @property
    def marked(self) -> bool:
        """Returns whether so many members are known for abuse that what they ask does not speak against a ring."""
        return marked(self.record, self.hits)

    def needed(self, least: float) -> float:
        """Returns the bits that a ring of this size needs, where one of `FEWEST` needs `least`."""
        return least - LUCK * (1 - chance(len(self.members)))


def marked(record: float, hits: int) -> bool:
    """Returns whether `hits` members known for abuse, with so many bits of record, outweigh a repertoire."""
    return record >= RECORDED and hits >= MARKS


def chance(size: int) -> float:
    """Returns how much the medians of so many accounts may owe to luck, 1 for `FEWEST`."""
    return float(min(1.0, (FEWEST / max(size, 1)) ** 0.5))
