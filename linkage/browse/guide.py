"""The guide that Neo4j Browser plays: one slide a chapter, made of the queries in `cypher/explore/`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from linkage import queries


@dataclass(frozen=True, slots=True)
class Chapter:
    """A slide: its title, a word on when to look here, and its queries by name."""

    title: str
    lead: str
    queries: tuple[str, ...]


def _chapter(title: str, lead: str, names: str) -> Chapter:
    return Chapter(title, lead, tuple(f"explore/{name}" for name in names.split()))


CHAPTERS: tuple[Chapter, ...] = (
    _chapter(
        "What changed last night",
        "Begin here in the morning: rings that are new, and what became of the others.",
        "new_rings ring_changes rings_with_banned sign_up_bursts decisions",
    ),
    _chapter(
        "The largest rings",
        "Rings by size, and operators who serve several campaigns.",
        "largest_rings shared_operators",
    ),
    _chapter(
        "One ring",
        "Choose a ring: see it drawn, what tells it from all others, where it comes from and when it was made.",
        "ring_graph ring_evidence ring_core ring_places sign_up_days ring_history replacements",
    ),
    _chapter(
        "Is it one?",
        "Before you act: members with the least evidence, those with one facet only, and honest customers beside it.",
        "weakest_members single_facet_members ring_bystanders",
    ),
    _chapter(
        "Beyond one ring",
        "Links that lead out of it, what two rings share, and the rings of one campaign or operator.",
        "ring_bridges shared_by_rings campaign_rings operator_rings",
    ),
    _chapter(
        "One account",
        "Its strongest links, what it shares and with whom, and how one account leads to another.",
        "account_graph strongest_links shared_graph account_things why_linked path_between",
    ),
    _chapter(
        "One thing",
        "Where strangers meet, who used a thing, and what it would hit to block it.",
        "hubs rare_payments identifier_users if_blocked shared_by_label",
    ),
)
"""Every query for people is in one chapter."""

_RUNNABLE = (
    "highlight pre-scrollable programlisting cm-s-neo code runnable standalone-example"  # what Browser looks for
)


def guide(style_address: str, examples: dict[str, str] | None = None) -> str:
    """Returns the guide's page; `style_address` is where Browser finds the style sheet.

    `examples`: a value for each parameter, to begin with (`ring`, `account`, `a`, `b`, `key`, …).
    """
    slides = [_first(style_address), *(_slide(chapter, examples or {}) for chapter in CHAPTERS)]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>linkage</title></head><body>\n'
        '<article class="guide"><carousel class="deck container-fluid">\n'
        + "\n".join(slides)
        + "\n</carousel></article>\n</body></html>\n"
    )


def _first(style_address: str) -> str:
    return (
        '<slide class="row-fluid"><div class="col-sm-12">'
        "<h3>Rings of linked accounts</h3>"
        "<p>Each slide holds queries that a click puts into the editor. Colours and captions come from a style sheet; "
        "take it first:</p>"
        f"{_runnable(f':style {style_address}')}"
        "<p>Where a query needs a ring, an account or a key, set it as a parameter first: the slide shows how. "
        "Addresses, cards and prompts are keyed hashes here, and nothing that this guide runs changes the graph.</p>"
        "</div></slide>"
    )


def _slide(chapter: Chapter, examples: dict[str, str]) -> str:
    found = [queries.load(name) for name in chapter.queries]
    wanted = dict.fromkeys(param for query in found for param in query.params)
    params = "".join(_runnable(f":param {name} => {_text(examples.get(name, '…'))}") for name in wanted)
    return (
        '<slide class="row-fluid"><div class="col-sm-12">'
        f"<h3>{escape(chapter.title)}</h3><p>{escape(chapter.lead)}</p>{params}"
        + "".join(f"<p>{escape(query.purpose)}</p>{_runnable(query.statement)}" for query in found)
        + "</div></slide>"
    )


def _text(value: str) -> str:
    """Returns the value as a text of Cypher."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _runnable(statement: str) -> str:
    return f'<pre mode="cypher" class="{_RUNNABLE}">{escape(statement)}</pre>'
