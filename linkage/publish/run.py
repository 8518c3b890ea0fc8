"""Builds what a run publishes from the rings found and the run before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from linkage.model.kinds import Facet
from linkage.model.rings import Event, Member, Ring, RingEvent, RingStatus, Role, Run
from linkage.publish.ledger import Entry, Ledger
from linkage.stores.base import Publication


@dataclass(frozen=True, slots=True)
class RingFacts:
    """What is known of a found ring beside its id: members in order, and the figures of docs/facts.md.

    `asleep`: none of its members that is still active was seen lately.
    """

    accounts: tuple[str, ...]
    roles: tuple[Role, ...]
    bits: tuple[float, ...]
    weakest: tuple[Facet | None, ...]
    score: float
    facets: tuple[Facet, ...]
    operator: int
    campaign: int
    context: str
    requests: int
    first_seen: datetime | None
    last_seen: datetime | None
    asleep: bool = False

    @property
    def members(self) -> frozenset[str]:
        """Returns the accounts that are core or member."""
        pairs = zip(self.accounts, self.roles, strict=True)
        return frozenset(account for account, role in pairs if role is not Role.BYSTANDER)


def publication(
    run: Run,
    at: datetime | None,
    rings: Sequence[RingFacts],
    ledger: Ledger,
    before: Mapping[str, tuple[Ring, Mapping[str, Member]]],
    rejected: Collection[str] = (),
) -> Publication:
    """Returns the publication of a run; `at` is the last moment of the facts, `before` the rings that stood.

    Rings with an id that was `rejected` are not published; one that stood is dissolved.
    """
    ids = [entry.ring_id for entry in ledger.found]
    found = [row for row in zip(rings, ledger.found, strict=True) if row[1].ring_id not in rejected]
    published = [_ring(facts, entry, ids) for facts, entry in found]
    gone = [
        Entry(ring_id, RingStatus.DISSOLVED, ((Event.DISSOLVED, ""),))
        for ring_id in ids
        if ring_id in rejected and ring_id in before
    ]
    lines = [*(entry for _, entry in found), *ledger.ended, *gone]
    ended = [replace(before[entry.ring_id][0], status=entry.status) for entry in (*ledger.ended, *gone)]
    members = [
        member
        for facts, entry in found
        for member in _members(facts, entry.ring_id, at, before.get(entry.ring_id, (None, {}))[1])
    ]
    events = [
        RingEvent(at, run.run_id, entry.ring_id, event, other) for entry in lines for event, other in entry.events
    ]
    return Publication(run, published + ended, members, sorted(events, key=_event_order))


def _event_order(event: RingEvent) -> tuple[str, str, str]:
    return event.ring_id, event.event.value, event.other_ring_id


def _ring(facts: RingFacts, entry: Entry, ids: Sequence[str]) -> Ring:
    return Ring(
        ring_id=entry.ring_id,
        status=entry.status,
        size=len(facts.members),
        score=facts.score,
        first_seen=facts.first_seen,
        last_seen=facts.last_seen,
        operator_id=ids[facts.operator].replace("ring-", "operator-", 1),
        campaign_id=ids[facts.campaign].replace("ring-", "campaign-", 1),
        facets=facts.facets,
        context=facts.context,
        requests=facts.requests,
    )


def _members(facts: RingFacts, ring_id: str, at: datetime | None, before: Mapping[str, Member]) -> list[Member]:
    rows = zip(facts.accounts, facts.roles, facts.bits, facts.weakest, strict=True)
    return [
        Member(ring_id, account, role, bits, weakest, before[account].since if account in before else at)
        for account, role, bits, weakest in rows
    ]
