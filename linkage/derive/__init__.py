"""Facts to uses, identifiers and habits: one fused pass over integer columns, never an object per request."""

from linkage.derive.absorb import Absorber
from linkage.derive.places import PlaceLists
from linkage.derive.sealer import Sealer
from linkage.derive.spill import Spill
from linkage.derive.weigh import Weighed, weigh

__all__ = ["Absorber", "PlaceLists", "Sealer", "Spill", "Weighed", "weigh"]
