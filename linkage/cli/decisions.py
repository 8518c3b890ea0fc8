"""`linkage decisions`: what analysts decided, which every run honours."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from linkage.cli import tables
from linkage.cli.context import Context
from linkage.model.decisions import Ruling


@click.group("decisions")
def decisions_group() -> None:
    """List, add and revoke decisions: verdicts, links that must or cannot be, allowed accounts."""


@decisions_group.command("list")
@click.option("--all", "every", is_flag=True, help="those that were revoked or have expired, too")
@click.pass_obj
def list_command(context: Context, every: bool) -> None:
    """List decisions, and where evidence spoke against them in the current run."""
    now = datetime.now(UTC)
    with context.site().open() as store:
        found = [one for one in store.decisions() if every or one.holds(now)]
        run = store.current_run()
        against = store.conflicts(run.run_id) if run else []
    if not context.json:
        tables.show(tables.decisions(found, now), tables.conflicts(against))
    rows = {"decisions": [asdict(one) for one in found], "conflicts": [asdict(one) for one in against]}
    context.finish({"command": "decisions list", **rows})


@decisions_group.command("add")
@click.argument("ruling", type=click.Choice([one.value for one in Ruling]))
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@click.option("--ring", "ring_id", metavar="ID", default="", help="a ring to confirm or reject, in place of accounts")
@click.option("--author", required=True, help="who decides")
@click.option("--reason", required=True, help="why")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="when it stops to count (UTC)  [default: never]",
)
@click.pass_obj
def add_command(
    context: Context,
    ruling: str,
    accounts: tuple[str, ...],
    ring_id: str,
    author: str,
    reason: str,
    expires: datetime | None,
) -> None:
    """Add a decision; the next run honours it."""
    from linkage.jobs.decisions import decide

    until = expires.replace(tzinfo=UTC) if expires else None
    if ring_id and accounts:
        raise click.UsageError("give accounts or --ring, not both")
    with context.site().open() as store:
        made = decide(
            store, Ruling(ruling), accounts=accounts, ring_id=ring_id, author=author, reason=reason, expires=until
        )
    context.progress.say(f"{made.decision_id}, version {made.version}: the next run honours it")
    context.finish({"command": "decisions add", "decision": asdict(made)})


@decisions_group.command("revoke")
@click.argument("decision_id", metavar="ID")
@click.option("--version", required=True, type=click.IntRange(1), help="the version that was read")
@click.option("--author", required=True, help="who takes it back")
@click.pass_obj
def revoke_command(context: Context, decision_id: str, version: int, author: str) -> None:
    """Take a decision back; it is kept, and counts no more."""
    from linkage.jobs.decisions import revoke

    with context.site().open() as store:
        made = revoke(store, decision_id, version, author)
    context.progress.say(f"{made.decision_id}, version {made.version}: revoked")
    context.finish({"command": "decisions revoke", "decision": asdict(made)})
