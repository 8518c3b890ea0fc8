"""`linkage demo`: the whole way on a small world, in one command."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from linkage.cli.context import Context
from linkage.settings import Settings

if TYPE_CHECKING:
    from linkage.jobs.demo import Ground, Outcome

_PORT = 8000
_LOCAL = "neo4j:local"


@click.command("demo")
@click.option("--store", metavar="URL", help="Where to; neo4j:local, in a place of its own, unless told otherwise.")
@click.option("--accounts", metavar="N", type=int, default=20_000, show_default=True, help="Honest accounts.")
@click.option("--exit", "leave", is_flag=True, help="End after the summary instead of serving.")
@click.pass_context
def demo_command(ctx: click.Context, store: str | None, accounts: int, leave: bool) -> None:
    """Simulate a small world, load it, detect its rings, score them against the truth, and serve them.

    On neo4j:local the demo has a Neo4j of its own in LINKAGE_HOME/demo: it starts empty and is stopped at the
    end. Ctrl-C ends the serving.
    """
    from linkage.jobs.demo import ground, run_demo

    context: Context = ctx.obj
    settings = replace(context.settings, store=_told(ctx, store))
    with _ended_by_sigterm(), ground(settings, context.progress) as place:
        outcome = run_demo(place, accounts)
        if not context.json:
            _show(place, outcome)
        url = None if leave else _serve(context, place)
        figures = _figures(place, outcome) | {"graphql": url}
        if place.server is not None:
            context.progress.say("stopping the local Neo4j")
    context.finish(figures)


def _told(ctx: click.Context, given: str | None) -> str:
    """Returns the store that was asked for, here, before the command or by LINKAGE_STORE; else the local Neo4j."""
    before = ctx.parent.params.get("store") if ctx.parent else None
    if given or before:
        return str(given or before)
    settings: Settings = ctx.obj.settings
    return _LOCAL if settings.store == Settings().store else settings.store


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """While inside, SIGTERM ends the command as Ctrl-C does, so that the demo's Neo4j is stopped too."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(place: Ground, outcome: Outcome) -> None:
    from linkage.cli import tables
    from linkage.evaluate import table

    tables.show(tables.rings(outcome.rings, outcome.run.run_id), table(outcome.scores))
    click.echo("\n".join(_hints(place, outcome)))


def _hints(place: Ground, outcome: Outcome) -> Iterator[str]:
    """Yields where the result is, and what to look at next."""
    settings, server = place.site.settings, place.running()
    command = f"linkage --store {shlex.quote(settings.store)}"
    if server is not None:
        command = f"LINKAGE_HOME={shlex.quote(settings.home)} {command}"
        yield f"Neo4j Browser: {server.browser}  connect to {server.bolt} as {server.user}"
        yield f"password:      {server.home}/password"
    yield "look further:"
    if outcome.rings:
        yield f"  {command} ring {outcome.rings[0].ring_id}"
    if outcome.example:
        yield f"  {command} why {shlex.quote(outcome.example.account_a)} {shlex.quote(outcome.example.account_b)}"


def _serve(context: Context, place: Ground) -> str:
    """Serves the demo's store until Ctrl-C or SIGTERM; returns the address of the API."""
    from linkage.cli.serve import application
    from linkage.serve.server import serve, url_of

    app = application(place.site)
    with _listening() as listening:
        url = f"{url_of(listening)}/graphql"
        serve(app, listening, on_ready=partial(context.progress.say, f"GraphQL: {url}  (Ctrl-C ends the demo)"))
    return url


def _listening() -> Any:
    """Returns a socket at the usual port, or at a free one where that is taken."""
    from linkage.errors import SettingsError
    from linkage.serve.server import listen

    try:
        return listen("127.0.0.1", _PORT)
    except SettingsError:
        return listen("127.0.0.1", 0)


def _figures(place: Ground, outcome: Outcome) -> dict[str, Any]:
    """Returns the counts of the contract's last line; Any because they go to JSON."""
    world, scores, server = outcome.world, outcome.scores, place.running()
    return {
        "command": "demo",
        "store": place.site.settings.store,
        "accounts": world.accounts,
        "fakes": world.fakes,
        "requests": world.requests,
        "run_id": outcome.run.run_id,
        "rings": outcome.run.counts["rings"],
        "members": outcome.run.counts["members"],
        "precision": scores.accounts.precision,
        "recall": scores.accounts.recall,
        "innocents_flagged": scores.innocents.flagged,
        "browser": server.browser if server else None,
        "steps": outcome.steps,
    }
