"""Communities to rings: who stands on its own, in which role, on which facets, and how strong the ring is."""

from linkage.rank.rings import FoundRing
from linkage.rank.select import select

__all__ = ["FoundRing", "select"]
