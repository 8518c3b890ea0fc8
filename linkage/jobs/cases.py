"""The case of a member and of a ring, from what any store holds: for, against, and how little would undo it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from linkage.explore import Belonging, Cases, Cohesion, belonging, cohesion
from linkage.explore.belonging import MOST_OTHERS
from linkage.explore.cohesion import Stands
from linkage.explore.inside import links_inside, members_inside
from linkage.jobs.explain import explainer, rule
from linkage.link.grade import grade_of
from linkage.model.kinds import BEHAVIOUR, FACETS, Facet
from linkage.model.rings import Link, Role
from linkage.model.weights import BEHAVIOUR_GRADE, LINKS_PER_ACCOUNT
from linkage.settings import Settings
from linkage.stores.base import Store

MOST_USES = 300
"""Things of each member that are read for what a ring has in common, those worth most."""


def cases(settings: Settings) -> Cases:
    """Returns what tells cases by these settings."""
    return Cases(
        member=lambda store, account_id: member_case(store, account_id, settings),
        ring=lambda store, ring_id: ring_case(store, ring_id, settings),
    )


def member_case(store: Store, account_id: str, settings: Settings) -> Belonging | None:
    """Returns the case of an account in its ring, None if it is unknown or in no ring."""
    account = store.account(account_id)
    if account is None or account.ring_id is None:
        return None
    members = store.members(account.ring_id)
    own = next(one for one in members if one.account_id == account_id)
    inside = [one.account_id for one in members if one.role is not Role.BYSTANDER and one.account_id != account_id]
    others = _nearest(store.links(account_id, 10 * LINKS_PER_ACCOUNT), account_id, inside)
    explain = explainer(store, [account_id, *others], settings)
    shared = {other: explain.things(account_id, other) for other in others}
    return belonging(account, own, len(inside), shared, lambda other, some: explain.judged(account_id, other, some))


def ring_case(store: Store, ring_id: str, settings: Settings) -> Cohesion | None:
    """Returns the case of a ring, None if it is unknown or has ended."""
    ring = store.ring(ring_id)
    members = store.members(ring_id) if ring else []
    if ring is None or not members:
        return None
    inside = members_inside(members)
    chosen = [*inside, *(one for one in members if one.role is Role.BYSTANDER)]
    ids = [one.account_id for one in inside]
    uses = store.uses_of(ids, MOST_USES)
    return cohesion(
        ring, chosen, links_inside(store, ring_id, inside), uses, store.accounts(ids), _stands(store, settings)
    )


def _nearest(links: Sequence[Link], account_id: str, inside: Sequence[str]) -> list[str]:
    """Returns members to hold the account against: those it is linked to, strongest first, then the strongest."""
    ring = set(inside)
    linked = (link.account_b if link.account_a == account_id else link.account_a for link in links)
    return list(dict.fromkeys((*(one for one in linked if one in ring), *inside)))[:MOST_OTHERS]


def _stands(store: Store, settings: Settings) -> Stands:
    """Returns what tells a link of behaviour by its bits of each facet.

    The stored bits of a facet do not tell those of its supporting kinds; they are taken for them.
    """
    given = rule(store, settings)
    limits = given.limits()

    def stands(facets: Mapping[Facet, float]) -> bool:
        millibits = np.array([round(1000 * facets.get(facet, 0.0)) for facet in FACETS], np.int64)
        base = sum(bits for facet, bits in facets.items() if facet not in BEHAVIOUR)
        enough = millibits.sum() >= given.needed and 1000 * base >= given.based
        return bool(enough and grade_of(millibits, millibits, limits) == BEHAVIOUR_GRADE)

    return stands
