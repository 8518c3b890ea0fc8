"""What answers about a whole ring go by: its strongest members, and the links among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linkage.explore.cut import MOST_ACCOUNTS
from linkage.model.rings import Link, Member, Role
from linkage.model.weights import LINKS_PER_ACCOUNT
from linkage.stores.base import Store

MOST_LINKS = 10_000


def members_inside(members: Iterable[Member]) -> list[Member]:
    """Returns the core and members of a ring, the strongest MOST_ACCOUNTS where it has more."""
    return [one for one in members if one.role is not Role.BYSTANDER][:MOST_ACCOUNTS]


def links_inside(store: Store, ring_id: str, inside: Sequence[Member]) -> list[Link]:
    """Returns the links of a ring; of a large one, where the port gives not all, those of its strongest members."""
    found = store.ring_links(ring_id, MOST_LINKS)
    if len(found) < MOST_LINKS:
        return found
    some = store.links_of([one.account_id for one in inside], LINKS_PER_ACCOUNT)
    return list({(link.account_a, link.account_b): link for links in some.values() for link in links}.values())
