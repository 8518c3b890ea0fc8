"""The cases of members and of rings as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linkage.cli.tables import table, waterfall
from linkage.explore import Belonging, Cohesion, Freeing, RingThing
from linkage.explore.cohesion import SHOWN_OF_FACET
from linkage.model.rings import Evidence

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = 12
"""Rows of each table."""


def member_tables(case: Belonging) -> list[Table | str]:
    """Returns why an account is in its ring: its strongest link, what it shares, what would free it."""
    title = f"{case.account_id}: {case.role.value} of {case.ring_id} with {case.bits:,.1f} bits"
    columns = [("linked to", "l"), ("bits", "r"), ("by facet", "l")]
    rows = [
        (one.account_id, one.bits, "  ".join(f"{part.facet.value} {part.counted:.1f}" for part in one.facets))
        for one in case.vouchers[:SHOWN]
    ]
    shown: list[Table | str] = [table(f"{title}, {len(case.vouchers)} of {case.members} others vouch", columns, rows)]
    if case.strongest is not None:
        shown += waterfall(_short(case.strongest))
    shown.append(_things("What it shares with the ring", case.things[:SHOWN]))
    shown.append(_things(_freeing(case.freeing), case.freeing.things[:SHOWN]))
    columns = [("without", "l"), ("links left", "r")]
    shown.append(table("If a facet counted for nothing", columns, [(one.facet, one.links) for one in case.fragility]))
    return shown + _against(case.against)


def ring_tables(case: Cohesion) -> list[Table | str]:
    """Returns what holds a ring together, where it would break, how fragile it is, and what speaks against it."""
    shown: list[Table | str] = [_things("What holds it together", case.things[:SHOWN])]
    columns = [("without", "l"), ("bits", "r"), ("cut off", "r")]
    rows: Iterable[Sequence[Any]] = ((" – ".join(one.accounts), one.bits, one.side) for one in case.bridges[:SHOWN])
    shown.append(table(f"Bridges: {len(case.bridges)} links and members on which others hang", columns, rows))
    columns = [("account", "l"), ("role", "l"), ("links inside", "r"), ("bits", "r"), ("weakest facet", "l")]
    rows = (
        (one.account_id, one.role.value, one.links, one.bits, one.weakest_facet or "") for one in case.weakest[:SHOWN]
    )
    shown.append(table("Weakest members", columns, rows))
    columns = [("without", "l"), ("links left", "r"), ("members left", "r"), ("pieces", "r"), ("largest", "r")]
    rows = ((one.facet, one.links, one.members, one.pieces, one.largest) for one in case.fragility)
    shown.append(table(f"If a facet counted for nothing ({case.links:,} links of {case.members:,})", columns, rows))
    if case.cut is not None:
        size, links = len(case.cut.side), len(case.cut.links)
        across = f"{links} link{'' if links == 1 else 's'}"
        shown.append(f"cheapest cut: {case.cut.bits:,.1f} bits in {across} part {size} from the rest")
    return shown + _against(case.against)


def _short(evidence: Evidence) -> Evidence:
    """Returns the waterfall with the few most telling things of each facet."""
    few = [[one for one in evidence.things if one.facet is step.facet][:SHOWN_OF_FACET] for step in evidence.facets]
    return replace(evidence, things=tuple(thing for things in few for thing in things))


def _freeing(freeing: Freeing) -> str:
    count = len(freeing.things)
    if not count:
        return "No link holds it: it belongs by what it shares with the whole ring"
    known = "no fewer do" if freeing.exact else f"it takes {freeing.at_least} at least"
    return f"Without {'this thing' if count == 1 else f'these {count} things'} no link is left; {known}"


def _things(title: str, things: Sequence[RingThing]) -> Table:
    columns = [("facet", "l"), ("thing", "l"), ("bits", "r"), ("accounts", "r"), ("of the ring", "r")]
    rows = [(one.facet, _name(one), one.bits, one.degree or None, one.members) for one in things]
    return table(title, columns, rows)


def _name(thing: RingThing) -> str:
    return f"{thing.kind} {thing.key}".strip() + (f" ({thing.place})" if thing.place else "")


def _against(sentences: Iterable[str]) -> list[Table | str]:
    return [f"against: {text}" for text in sentences]
