"""A small graph whose every answer can be worked out by hand, and a dump of what a Neo4j store holds.

Four accounts of one operator (a1 to a4; a4 only shares their proxy), one known abuser (c1), and one account
of which nothing is known but an awkward id. Bits and breadth are given, not derived.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import neo4j
import pyarrow as pa

from linkage.model.graph import accounts_schema, identifiers_schema, links_schema, numbered_uses_schema, uses_schema
from linkage.model.kinds import Facet
from linkage.model.rings import Event, Member, Ring, RingEvent, RingStatus, Role, Run
from linkage.stores.base import GraphTables, Publication

DAY = 20_000  # 2024-10-04
ODD = 'Zoë, "quoted"; and\\more'
STARTS = [DAY * 1440 + minute for minute in (545, 725, 905)]
IP, VPN, CARD, BIN, PROMPT, DEVICE = (f"{number:016x}" for number in range(1, 7))


def at(day: int, minute: int = 0) -> datetime:
    """Returns a time of the known graph: days after its first."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=DAY + day, minutes=minute)


def _account(account_id: str, **known: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(accounts_schema().names)
    return nothing | {"id": account_id, "status": "active", "requests": 0, "starts": [], "breadth": [0.0] * 6} | known


def account_rows() -> list[dict[str, Any]]:
    """Returns the accounts."""
    life = {"first_seen": at(0, 545), "last_seen": at(2, 905), "requests": 30, "starts": STARTS}
    return [
        _account(
            "a1",
            **life | {"breadth": [0.5, 0.0, 0.25, 0.0, 0.0, 0.0]},
            created_at=at(-1),
            plan="pro",
            country="NL",
            email_domain="example.org",
        ),
        _account("a2", **life, created_at=at(-1, 1), organization="Example BV"),
        _account("a3", **life, label="benign"),
        _account("a4", first_seen=at(1), last_seen=at(1, 30), requests=1, starts=[STARTS[0] + 1440]),
        _account("c1", status="terminated", label="abuse"),
        _account(ODD, country="", created_at=datetime(2024, 10, 4, 1, 2, 3, 456789, tzinfo=UTC)),
    ]


def identifier_rows() -> list[dict[str, Any]]:
    """Returns the identifiers."""
    rows = [
        (IP, "ip", "network", "home", 3, 3, 8.125, True),
        (VPN, "ip", "network", "vpn", 2, 2, 3.5, True),
        (CARD, "payment", "payment", None, 3, 1, 7.0, False),
        (BIN, "bin", "payment", None, 4, 2, 2.0, False),
        (PROMPT, "prompt", "content", None, 2, 2, 9.0, False),
        (DEVICE, "device", "device", None, 1, 1, 0.0, False),
    ]
    names = ("key", "kind", "facet", "place", "degree", "peak", "bits", "windowed")
    return [
        dict(zip(names, row, strict=True)) | {"first_seen": at(0), "last_seen": at(2) if row[4] > 1 else None}
        for row in rows
    ]


def use_rows() -> list[dict[str, Any]]:
    """Returns the uses: a4 used the home address of the others on another day only."""
    rows = [
        ("a1", IP, [0, 1]),
        ("a2", IP, [1, 2]),
        ("a4", IP, [3]),
        ("a3", VPN, [1]),
        ("a4", VPN, [1]),
        ("a1", CARD, [0]),
        ("a2", CARD, [2]),
        ("c1", CARD, []),
        ("a1", BIN, [0]),
        ("a2", BIN, [2]),
        ("a3", BIN, [1]),
        ("c1", BIN, []),
        ("a1", PROMPT, [0, 1, 2]),
        ("a2", PROMPT, [1, 2]),
        ("a1", DEVICE, [0]),
    ]
    return [
        {
            "account_id": account_id,
            "key": key,
            "days": [DAY + day for day in days],
            "requests": len(days),
            "first_seen": at(days[0]) if days else None,
            "last_seen": at(days[-1], 5) if days else None,
        }
        for account_id, key, days in rows
    ]


def tables(
    accounts: list[dict[str, Any]] | None = None,
    identifiers: list[dict[str, Any]] | None = None,
    uses: list[dict[str, Any]] | None = None,
) -> GraphTables:
    """Returns the graph as tables; the last rows come first, so that order is left to the store."""

    def table(rows: list[dict[str, Any]], schema: pa.Schema) -> list[pa.Table]:
        return [pa.Table.from_pylist(rows[::-1], schema=schema)]

    return GraphTables(
        table(account_rows() if accounts is None else accounts, accounts_schema()),
        table(identifier_rows() if identifiers is None else identifiers, identifiers_schema()),
        table(use_rows() if uses is None else uses, uses_schema()),
    )


def numbered(graph: GraphTables) -> GraphTables:
    """Returns the graph with uses that name their ends by number."""
    accounts, identifiers, uses = (
        [row for table in tables for row in table.to_pylist()]
        for tables in (graph.accounts, graph.identifiers, graph.uses)
    )
    account = {row["id"]: number for number, row in enumerate(accounts)}
    identifier = {row["key"]: number for number, row in enumerate(identifiers)}
    rows = [row | {"account": account[row["account_id"]], "identifier": identifier[row["key"]]} for row in uses]
    return GraphTables(graph.accounts, graph.identifiers, [pa.Table.from_pylist(rows, schema=numbered_uses_schema())])


def link_row(a: str, b: str, grade: str = "behaviour", **facets: float) -> dict[str, Any]:
    """Returns a link with these bits by facet."""
    bits = {facet.value: facets.get(facet.value, 0.0) for facet in Facet}
    total = round(sum(bits.values()), 3)
    ends = {"account_a": a, "account_b": b, "bits": total}
    return ends | bits | {"grade": grade, "first_seen": at(1), "last_seen": at(2)}


def link_rows() -> list[dict[str, Any]]:
    """Returns links: two of them join a1, a2, a3; one joins c1 and the odd account; one is infrastructure."""
    return [
        link_row("a1", "a2", network=7.625, payment=7.0, content=8.75, timing=12.0),
        link_row("a2", "a3", payment=2.0, timing=12.0),
        link_row("a3", "a4", grade="infrastructure", network=3.5),
        link_row(ODD, "c1", payment=7.0, content=4.5),
    ]


def link_table(rows: list[dict[str, Any]] | None = None) -> pa.Table:
    """Returns links as a table, the last first."""
    return pa.Table.from_pylist((link_rows() if rows is None else rows)[::-1], schema=links_schema())


def ring(ring_id: str, **other: Any) -> Ring:
    """Returns a ring of three active accounts, with what is given otherwise."""
    given: dict[str, Any] = {
        "status": RingStatus.ACTIVE,
        "size": 3,
        "score": 40.5,
        "first_seen": at(0),
        "last_seen": at(2),
        "operator_id": "op1",
        "campaign_id": "camp1",
        "facets": (Facet.NETWORK, Facet.CONTENT),
        "context": "",
        "requests": 90,
    }
    return Ring(ring_id, **given | other)


def publication(run_id: str = "run1", day: int = 3) -> Publication:
    """Returns a run that publishes two rings, of which the second has neither operator nor campaign."""
    run = Run(run_id, at(day), at(day, 5), {"facet_cap": 20.0, "store": "x"}, {"rings": 2})
    rings = [ring("r1"), ring("r2", size=2, score=11.5, operator_id="", campaign_id="", facets=(), requests=0)]
    members = [
        Member("r1", "a1", Role.CORE, 35.375, Facet.PAYMENT, at(3)),
        Member("r1", "a2", Role.CORE, 35.375, Facet.PAYMENT, at(3)),
        Member("r1", "a3", Role.MEMBER, 14.0, None, None),
        Member("r1", "a4", Role.BYSTANDER, 3.5, Facet.NETWORK, at(3)),
        Member("r2", "c1", Role.CORE, 11.5, Facet.CONTENT, at(3)),
        Member("r2", ODD, Role.MEMBER, 11.5, Facet.CONTENT, at(3)),
    ]
    events = [RingEvent(at(day), run_id, name, Event.FORMED) for name in ("r1", "r2")]
    return Publication(run, rings, members, events)


NODES = """
MATCH (n)
RETURN labels(n) AS labels, [name IN keys(n) | [name, n[name], valueType(n[name])]] AS properties
"""
RELATIONSHIPS = """
MATCH (a)-[r]->(b)
RETURN coalesce(a.id, a.name) AS a, type(r) AS type, coalesce(b.id, b.key) AS b,
       [name IN keys(r) | [name, r[name], valueType(r[name])]] AS properties
"""


def dump(driver: neo4j.Driver, database: str = "neo4j") -> list[str]:
    """Returns all nodes and relationships with their properties and their types, in a fixed order."""
    found = []
    for query in (NODES, RELATIONSHIPS):
        for record in driver.execute_query(query, database_=database).records:
            row = record.data()
            row["properties"] = sorted(map(str, row["properties"]))
            row["labels"] = sorted(row.get("labels", []))
            found.append(str(sorted(row.items())))
    return sorted(found)


def wipe(driver: neo4j.Driver, database: str = "neo4j") -> None:
    """Empties the database of a test server."""
    with driver.session(database=database) as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
