"""Questions to the linked graph that people decide by: paths, neighbourhoods, what a termination does, cheapest cuts,
and the cases of a member and of a ring: what speaks for them, what against, and how little would undo them.

All are bounded, and read the graph through functions that answer for many accounts at once: one read for each step
outward, however many accounts it takes.
"""

from linkage.explore.belonging import Belonging, FacetLoss, Freeing, RingThing, Voucher, belonging
from linkage.explore.bridges import Bridge, bridges
from linkage.explore.cases import Cases
from linkage.explore.cohesion import Cohesion, RingLoss, WeakMember, cohesion
from linkage.explore.cut import Cut, cheapest_cut
from linkage.explore.freeing import Loss, smallest_loss
from linkage.explore.path import EvidencePath, strongest_path
from linkage.explore.reach import Neighbourhood, neighbourhood
from linkage.explore.removal import Innocent, Remainder, Removal, removal

__all__ = [
    "Belonging",
    "Bridge",
    "Cases",
    "Cohesion",
    "Cut",
    "EvidencePath",
    "FacetLoss",
    "Freeing",
    "Innocent",
    "Loss",
    "Neighbourhood",
    "Remainder",
    "Removal",
    "RingLoss",
    "RingThing",
    "Voucher",
    "WeakMember",
    "belonging",
    "bridges",
    "cheapest_cut",
    "cohesion",
    "neighbourhood",
    "removal",
    "smallest_loss",
    "strongest_path",
]
