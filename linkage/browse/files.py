"""The files that Neo4j Browser takes as they are: favourites to drop into it, and the style sheet."""

from __future__ import annotations

from linkage import queries
from linkage.browse.guide import CHAPTERS

STYLE = "explore/style.grass"


def style() -> str:
    """Returns the style sheet: labels by kind, links by their bits, captions of keyed ids alone."""
    return queries.asset(STYLE)


def favourites() -> dict[str, str]:
    """Returns the text of each favourite by file name; its first line is the name that Browser shows."""
    return {
        f"{name.removeprefix('explore/')}.cypher": favourite(queries.load(name))
        for chapter in CHAPTERS
        for name in chapter.queries
    }


def favourite(query: queries.Query) -> str:
    """Returns a favourite: what it does, what has to be set before it, and the statement."""
    head = [f"// {query.purpose}"]
    head += [f"// first set {param}:  :param {param} => '…'" for param in query.params]
    return "\n".join([*head, query.statement, ""])
