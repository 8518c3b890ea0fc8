"""Links to communities: components first, Leiden inside them, and pieces of one ring joined again."""

from linkage.detect.partition import by_place, communities, partition, placed

__all__ = ["by_place", "communities", "partition", "placed"]
