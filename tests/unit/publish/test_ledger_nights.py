"""Sixty rings over thirty nights, found with misses and strangers: ids last, and what is planted is told, no more."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from linkage.evaluate.nights import Happening, Night, identity, told_right
from linkage.model.rings import Event, RingStatus
from linkage.publish.ledger import Ledger, Past, match

NIGHTS, RINGS, MISSED, STRANGERS = 30, 60, 0.05, 0.2
TOLD = (Event.FORMED, Event.GREW, Event.SHRANK, Event.SPLIT, Event.REVIVED)
Accounts = frozenset[str]


@dataclass
class World:
    """True rings by name, what happens to them by night, and who are asleep."""

    rng: random.Random
    rings: dict[str, set[str]] = field(default_factory=dict)
    asleep: dict[str, int] = field(default_factory=dict)
    planted: list[Happening] = field(default_factory=list)
    made: int = 0

    def fresh(self, count: int) -> set[str]:
        """Returns new accounts."""
        self.made += count
        return {f"a{number:05d}" for number in range(self.made - count, self.made)}

    def live(self, night: int) -> None:
        """Lets a night pass: members come and go, rings merge, split, vanish for some nights and return."""
        resting = set(self.asleep)
        for name in sorted(self.rings):
            ring = self.rings[name]
            for _ in range(0 if name in resting else self.rng.randrange(3)):
                ring.discard(self.rng.choice(sorted(ring)))
                ring |= self.fresh(1)
            if self.asleep.get(name) == night:
                del self.asleep[name]
                self.planted.append(Happening(Event.REVIVED, night, (frozenset(ring),)))
        if night == 0:
            return
        awake = [name for name in sorted(self.rings) if name not in resting]
        one, other, third, sleeper = self.rng.sample(awake, 4)
        large, small = sorted((one, other), key=lambda name: -len(self.rings[name]))
        self.planted.append(
            Happening(Event.MERGED, night, (frozenset(self.rings[small]), frozenset(self.rings[large])))
        )
        self.rings[large] |= self.rings.pop(small)
        members = sorted(self.rings[third])
        half = set(members[: max(5, 2 * len(members) // 5)])
        if len(members) - len(half) > len(half) >= 5:
            self.rings[third] -= half
            self.rings[f"{third}+{night}"] = half
            self.planted.append(Happening(Event.SPLIT, night, (frozenset(half), frozenset(self.rings[third]))))
        if sleeper in self.rings and sleeper not in (large, third):
            self.asleep[sleeper] = night + self.rng.randint(2, 8)

    def found(self) -> dict[str, Accounts]:
        """Returns rings as a detector finds them: without some of their members, with a stranger now and then."""
        seen = {}
        for name in sorted(self.rings):
            if name not in self.asleep:
                members = {one for one in sorted(self.rings[name]) if self.rng.random() > MISSED}
                seen[name] = frozenset(members | (self.fresh(1) if self.rng.random() < STRANGERS else set()))
        return seen


def _next(before: dict[str, Past], found: list[Accounts], ledger: Ledger) -> dict[str, Past]:
    after = dict(before)
    for members, entry in zip(found, ledger.found, strict=True):
        past = before.get(entry.ring_id)
        if past is None or any(event in TOLD for event, _ in entry.events):
            ever = members | (past.ever if past else frozenset())
            after[entry.ring_id] = Past(entry.status, members, len(members), ever)
        else:
            after[entry.ring_id] = Past(entry.status, members, past.told, past.ever)
    for entry in ledger.ended:
        past = before[entry.ring_id]
        after[entry.ring_id] = Past(entry.status, past.members, past.told, past.ever)
    return after


@pytest.mark.parametrize("seed", range(3))
def test_rings_keep_their_ids_and_what_happened_is_told(seed: int) -> None:
    world = World(random.Random(seed))
    for number in range(RINGS):
        world.rings[f"ring {number:02d}"] = world.fresh(world.rng.choice((6, 9, 14, 25, 60)))
    before: dict[str, Past] = {}
    nights: list[Night] = []
    told: list[Happening] = []
    sized = 0
    for night in range(NIGHTS):
        world.live(night)
        seen = world.found()
        found = list(seen.values())
        ledger = match(found, [False] * len(found), before)
        where = {entry.ring_id: members for entry, members in zip(ledger.found, found, strict=True)}
        old = {ring_id: past.members for ring_id, past in before.items()}
        for entry in (*ledger.found, *ledger.ended):
            for event, other in entry.events:
                sized += event in (Event.GREW, Event.SHRANK)
                mine = where.get(entry.ring_id, old.get(entry.ring_id, frozenset()))
                theirs = (old if event is Event.MERGED else where).get(other, frozenset())
                told.append(Happening(event, night, (mine, theirs) if other else (mine,)))
        truth = {one: name for name, ring in world.rings.items() if name not in world.asleep for one in ring}
        nights.append(Night(truth, {one: ring for ring, members in where.items() for one in members}))
        before = _next(before, found, ledger)
        assert all(past.status is not RingStatus.DORMANT for past in before.values())
    kept = identity(nights)
    assert kept.switch_rate is not None
    assert kept.switch_rate <= 0.01
    for event in (Event.MERGED, Event.SPLIT, Event.REVIVED):
        agreed = told_right(world.planted, told, event, patience=0)
        assert agreed.precision is not None
        assert agreed.recall is not None
        assert (agreed.precision >= 0.9, agreed.recall >= 0.9) == (True, True), (event, agreed)
    assert kept.idf1 is not None
    assert kept.idf1 >= 0.95
    assert sized < 0.5 * kept.ring_nights
