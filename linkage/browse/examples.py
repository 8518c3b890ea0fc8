"""Values to begin with: those of the largest ring of the current run."""

from __future__ import annotations

from linkage.model.rings import Role
from linkage.stores.base import Store


def examples(store: Store) -> dict[str, str]:
    """Returns a value for each parameter of the guide that the store has one for."""
    rings = sorted(store.rings(1000), key=lambda ring: (-ring.size, ring.ring_id))
    if not rings:
        return {}
    ring = rings[0]
    members = [one.account_id for one in store.members(ring.ring_id, 20) if one.role is not Role.BYSTANDER]
    found = {"ring": ring.ring_id, "operator": ring.operator_id, "campaign": ring.campaign_id, "kind": "payment"}
    if members:
        found["account"] = members[0]
        shared = [use for use in store.uses(members[0], 100) if use.degree > 1]
        found |= {"key": shared[0].key} if shared else {}
    return {name: value for name, value in found.items() if value}
