"""Tables and the waterfall for people, as rich renderables on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from linkage.model.decisions import Conflict, Decision
from linkage.model.kinds import Facet
from linkage.model.rings import Account, Evidence, Link, Member, Ring, RingEvent, SharedThing, Use

if TYPE_CHECKING:
    from rich.table import Table

    from linkage.jobs.attach import Attachment


def show(*parts: Table | str) -> None:
    """Prints the parts; full width where the output is not a terminal."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=False)  # ids may have brackets
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=160)
    for part in parts:
        console.print(part)


def table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name, side in columns:
        table.add_column(name, justify="right" if side == "r" else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def rings(found: Sequence[Ring], run_id: str) -> Table:
    """Returns the table of rings."""
    columns = [("ring", "l"), ("size", "r"), ("bits", "r"), ("facets", "l"), ("operator", "l"), ("campaign", "l")]
    columns += [("place", "l"), ("requests", "r"), ("first seen", "l"), ("last seen", "l")]
    rows = [
        (
            ring.ring_id,
            ring.size,
            ring.score,
            " ".join(ring.facets),
            ring.operator_id,
            ring.campaign_id,
            ring.context,
            ring.requests,
            ring.first_seen,
            ring.last_seen,
        )
        for ring in found
    ]
    return table(f"Rings of {run_id}", columns, rows)


def ring(one: Ring, events: Sequence[RingEvent]) -> Table:
    """Returns a ring's figures and history."""
    rows: list[tuple[str, Any]] = [
        ("status", one.status.value),
        ("size", one.size),
        ("bits", one.score),
        ("facets", " ".join(one.facets)),
        ("operator", one.operator_id),
        ("campaign", one.campaign_id),
        ("place", one.context),
        ("requests", one.requests),
        ("first seen", one.first_seen),
        ("last seen", one.last_seen),
    ]
    rows += [(_cell(event.at), f"{event.event.value} {event.other_ring_id} ({event.run_id})") for event in events]
    return table(one.ring_id, [("", "l"), ("", "l")], rows)


def members(found: Sequence[Member], of: Ring) -> Table:
    """Returns a ring's members."""
    columns = [("account", "l"), ("role", "l"), ("bits", "r"), ("weakest facet", "l"), ("since", "l")]
    rows = [(one.account_id, one.role.value, one.bits, one.weakest_facet, one.since) for one in found]
    return table(f"Accounts of {of.ring_id}: {len(found):,} shown", columns, rows)


def account(one: Account) -> Table:
    """Returns an account's own figures."""
    names = ("status", "plan", "country", "email_domain", "organization", "label", "created_at", "first_seen")
    rows = [(name, getattr(one, name)) for name in (*names, "last_seen", "requests", "ring_id", "role")]
    return table(one.account_id, [("", "l"), ("", "l")], rows)


def uses(found: Sequence[Use]) -> Table:
    """Returns what an account used."""
    columns = [("kind", "l"), ("identifier", "l"), ("place", "l"), ("accounts", "r"), ("bits", "r"), ("days", "r")]
    columns += [("requests", "r"), ("first seen", "l"), ("last seen", "l")]
    rows = [
        (one.kind, one.key, one.place, one.degree, one.bits, one.days, one.requests, one.first_seen, one.last_seen)
        for one in found
    ]
    return table("Used, by what sharing it is worth", columns, rows)


def links(found: Sequence[Link], account_id: str) -> Table:
    """Returns an account's links."""
    columns = [("linked to", "l"), ("bits", "r"), ("grade", "l"), ("by facet", "l"), ("last seen", "l")]
    rows = [
        (
            one.account_b if one.account_a == account_id else one.account_a,
            one.bits,
            one.grade,
            "  ".join(f"{facet.value} {bits:.1f}" for facet, bits in one.facets.items() if bits),
            one.last_seen,
        )
        for one in found
    ]
    return table("Links", columns, rows)


def waterfall(evidence: Evidence) -> list[Table | str]:
    """Returns the waterfall of a pair: from the prior, facet by facet, to what a link needs."""
    columns = [("", "l"), ("what is shared", "l"), ("accounts", "r"), ("bits", "r"), ("counted", "r"), ("dates", "l")]
    rows: list[Sequence[Any]] = [("prior", "two accounts taken at random", None, evidence.prior, None, "")]
    for facet in evidence.facets:
        capped = "capped" if facet.counted < facet.summed else ""
        rows.append((facet.facet.value, capped, None, facet.summed, facet.counted, ""))
        rows += [_thing(thing) for thing in evidence.things if thing.facet is facet.facet]
    for silent in dict.fromkeys(thing.facet for thing in evidence.things):
        if silent not in {facet.facet for facet in evidence.facets}:
            rows.append((silent.value, "counts for nothing", None, 0.0, 0.0, ""))
            rows += [_thing(thing) for thing in evidence.things if thing.facet is silent]
    rows.append(("total", "", None, None, evidence.bits, ""))
    rows.append(("needed", "", None, None, evidence.needed, ""))
    verdict = f"a link of grade «{evidence.grade}»" if evidence.grade else "no link"
    lines: list[Table | str] = [table(f"{evidence.account_a} and {evidence.account_b}: {verdict}", columns, rows)]
    return lines + [f"against: {text}" for text in evidence.against]


def _thing(thing: SharedThing) -> Sequence[Any]:
    name = thing.detail or f"{thing.kind} {thing.key}" + (f" ({thing.place})" if thing.place else "")
    dates = " to ".join(moment.strftime("%Y-%m-%d") for moment in (thing.first_seen, thing.last_seen) if moment)
    return ("", name, thing.degree if thing.key else None, thing.bits, None, dates)


def queries(found: Sequence[Any]) -> Table:
    """Returns the index of queries (see linkage.queries)."""
    columns = [("file", "l"), ("purpose", "l"), ("params", "l"), ("returns", "l"), ("mode", "l"), ("needs", "l")]
    rows = [(one.name, one.purpose, " ".join(one.params), one.returns, one.mode, one.needs) for one in found]
    return table("Cypher files", columns, rows)


def decisions(found: Sequence[Decision], now: datetime) -> Table:
    """Returns the table of decisions, with how they stand at this moment."""
    columns = [("decision", "l"), ("version", "r"), ("ruling", "l"), ("on", "l"), ("author", "l"), ("reason", "l")]
    columns += [("at", "l"), ("expires", "l"), ("state", "l")]
    rows = [
        (
            one.decision_id,
            one.version,
            one.ruling.value,
            one.ring_id or " ".join(one.accounts),
            one.author,
            one.reason,
            one.at,
            one.expires,
            "holds" if one.holds(now) else "revoked" if one.revoked else "expired",
        )
        for one in found
    ]
    return table("decisions", columns, rows)


def conflicts(found: Sequence[Conflict]) -> Table:
    """Returns the table of what evidence says against decisions that were honoured."""
    rows = [(one.decision_id, one.said) for one in found]
    return table("what evidence says against them", [("decision", "l"), ("evidence", "l")], rows)


def attachment(found: Attachment) -> list[Table]:
    """Returns the tables of what a sign-up would link to: rings, then accounts."""
    columns = [("ring", "l"), ("status", "l"), ("size", "r"), ("links", "r"), ("bits", "r"), ("facets", "l")]
    rows = [(one.ring_id, one.status.value, one.size, one.links, one.bits, _bits(one.facets)) for one in found.rings]
    title = (
        f"{found.account_id}: {found.known} of {found.identifiers} things known, {found.needed:.1f} bits make a link"
    )
    near = [("account", "l"), ("status", "l"), ("ring", "l"), ("role", "l"), ("bits", "r"), ("link", "l")]
    accounts = [
        (one.account_id, one.status, one.ring_id, one.role, one.evidence.bits, one.evidence.grade)
        for one in found.accounts[:20]
    ]
    return [table(title, columns, rows), table("accounts that share most with it", near, accounts)]


def _bits(facets: Mapping[Facet, float]) -> str:
    return ", ".join(f"{facet.value} {bits:.1f}" for facet, bits in facets.items())
