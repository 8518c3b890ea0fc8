"""What an analyst meets in Neo4j Browser: a guide of runnable queries, favourites and a style sheet."""

from linkage.browse.examples import examples
from linkage.browse.files import favourites, style
from linkage.browse.guide import CHAPTERS, guide
from linkage.browse.server import PageServer

__all__ = ["CHAPTERS", "PageServer", "examples", "favourites", "guide", "style"]
