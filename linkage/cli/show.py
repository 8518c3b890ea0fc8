"""`linkage rings`, `ring`, `why`, `account` and `queries`: what is printed for people, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from linkage.cli import tables
from linkage.cli.context import Context
from linkage.errors import NotFound
from linkage.stores.base import Store


@click.command("rings")
@click.option("--top", default=20, show_default=True, type=click.IntRange(1, 100_000), help="how many rings")
@click.pass_obj
def rings_command(context: Context, top: int) -> None:
    """Print the strongest rings of the current run."""
    with context.site().open() as store:
        run = _current(store)
        rings = store.rings(top)
    if not context.json:
        tables.show(tables.rings(rings, run))
    context.finish({"command": "rings", "run_id": run, "rings": [asdict(ring) for ring in rings]})


@click.command("ring")
@click.argument("ring_id", metavar="ID")
@click.option("--members", "limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--why", is_flag=True, help="Also what holds it together, where it would break, what speaks against it.")
@click.pass_obj
def ring_command(context: Context, ring_id: str, limit: int, why: bool) -> None:
    """Print one ring: its figures, members and history."""
    from linkage.cli import cases
    from linkage.jobs.cases import ring_case

    with context.site().open() as store:
        ring = store.ring(ring_id)
        if ring is None:
            raise NotFound(f"there is no ring «{ring_id}» in {store.url}: `linkage rings` lists them")
        members, events = store.members(ring_id, limit), store.events(ring_id)
        case = ring_case(store, ring_id, context.settings) if why else None
    if not context.json:
        more = cases.ring_tables(case) if case else ()
        tables.show(tables.ring(ring, events), tables.members(members, ring), *more)
    found: dict[str, Any] = {"members": [asdict(one) for one in members], "events": [asdict(one) for one in events]}
    found |= {"why": asdict(case)} if case else {}
    context.finish({"command": "ring", "ring": asdict(ring), **found})


@click.command("account")
@click.argument("account_id", metavar="ID")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000), help="rows of each table")
@click.pass_obj
def account_command(context: Context, account_id: str, limit: int) -> None:
    """Print one account: what it is, what it used, and its links."""
    with context.site().open() as store:
        account = store.account(account_id)
        if account is None:
            raise NotFound(f"there is no account «{account_id}» in {store.url}")
        uses, links = store.uses(account_id, limit), store.links(account_id, limit)
    if not context.json:
        tables.show(tables.account(account), tables.uses(uses), tables.links(links, account_id))
    found: dict[str, Any] = {"uses": [asdict(one) for one in uses], "links": [asdict(one) for one in links]}
    context.finish({"command": "account", "account": asdict(account), **found})


@click.command("why")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B", required=False)
@click.pass_obj
def why_command(context: Context, a: str, b: str | None) -> None:
    """Print why two accounts are linked, or what the link lacks: each shared thing with its bits.

    With one account alone: why it is in its ring, how little would free it, and what speaks against.
    """
    from linkage.jobs.explain import why

    if b is None:
        return _why_member(context, a)
    with context.site().open() as store:
        evidence = why(store, a, b, context.settings)
    if not context.json:
        tables.show(*tables.waterfall(evidence))
    context.finish({"command": "why", **asdict(evidence)})
    return None


def _why_member(context: Context, account_id: str) -> None:
    from linkage.cli import cases
    from linkage.jobs.cases import member_case

    with context.site().open() as store:
        case = member_case(store, account_id, context.settings)
        if case is None:
            there = f"«{account_id}» is in no ring" if store.account(account_id) else f"there is no «{account_id}»"
            raise NotFound(f"{there} in {store.url}: `linkage why A B` explains a pair")
    if not context.json:
        tables.show(*cases.member_tables(case))
    context.finish({"command": "why", **asdict(case)})


@click.command("queries")
@click.pass_obj
def queries_command(context: Context) -> None:
    """Print the index of the Cypher files."""
    from linkage.queries import index

    found = index()
    if not context.json:
        tables.show(tables.queries(found))
    context.finish({"command": "queries", "queries": [asdict(one) for one in found]})


def _current(store: Store) -> str:
    run = store.current_run()
    if run is None:
        raise NotFound(f"nothing is published in {store.url}: run `linkage detect` first")
    return run.run_id
