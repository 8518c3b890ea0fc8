"""Rings to a run: ids that last, what changed since the run before, and one pointer that makes it current."""

from linkage.publish.ledger import Entry, Kinship, Past, match
from linkage.publish.run import RingFacts, publication

__all__ = ["Entry", "Kinship", "Past", "RingFacts", "match", "publication"]
