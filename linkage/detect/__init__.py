"""Links to communities: components first, Leiden inside them, and pieces of one ring joined again."""

from linkage.detect.partition import communities, partition

__all__ = ["communities", "partition"]
