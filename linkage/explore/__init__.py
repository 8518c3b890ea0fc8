"""Questions to the linked graph that people decide by: paths, neighbourhoods, what a termination does, cheapest cuts.

All are bounded, and read the graph through functions that answer for many accounts at once: one read for each step
outward, however many accounts it takes.
"""

from linkage.explore.cut import Cut, cheapest_cut
from linkage.explore.path import EvidencePath, strongest_path
from linkage.explore.reach import Neighbourhood, neighbourhood
from linkage.explore.removal import Innocent, Remainder, Removal, removal

__all__ = [
    "Cut",
    "EvidencePath",
    "Innocent",
    "Neighbourhood",
    "Remainder",
    "Removal",
    "cheapest_cut",
    "neighbourhood",
    "removal",
    "strongest_path",
]
