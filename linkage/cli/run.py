"""`linkage load`, `detect` and `export`: the jobs that change or write something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from linkage.cli.context import Context

_ENGINE = click.option(
    "--engine", type=click.Choice(["local", "spark"]), help="what works on the columns  [env: LINKAGE_ENGINE]"
)


@click.command("load")
@click.argument("folder", metavar="DIR")
@_ENGINE
@click.pass_obj
def load_command(context: Context, folder: str, engine: str | None) -> None:
    """Read a folder of facts into the store; the same folder twice changes nothing.

    DIR is a path, or a URL such as s3://bucket/prefix (see docs/facts.md).
    """
    from linkage.jobs.load import load

    _choose(context, engine)
    context.finish_steps("load", load(context.site(), folder))


@click.command("detect")
@click.option("--again", is_flag=True, help="also where nothing has changed since the current run")
@_ENGINE
@click.pass_obj
def detect_command(context: Context, again: bool, engine: str | None) -> None:
    """Link accounts, find and score rings, and publish them as one run."""
    from linkage.jobs.detect import detect

    _choose(context, engine)
    context.finish_steps("detect", detect(context.site(), again=again))


@click.command("nightly")
@click.argument("folder", metavar="DIR")
@click.option(
    "--force", is_flag=True, help="Publish although the sanity gate refuses; its reasons are kept with the run."
)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="instead of LINKAGE_OUT")
@_ENGINE
@click.pass_obj
def nightly_command(context: Context, folder: str, force: bool, out: Path | None, engine: str | None) -> None:
    """Take a night's facts in, find rings, publish them if nothing is unusual, and tell what changed.

    DIR is a path, or a URL such as s3://bucket/prefix (see docs/facts.md).

    Two at once: one runs, the other exits 4. A night that died goes on where it died when it is called again with the
    same folder. What is written lies in LINKAGE_OUT.
    """
    from linkage.cli.report import write
    from linkage.errors import GateRefused
    from linkage.jobs.night import nightly

    _choose(context, engine)
    if out is not None:
        context.settings = replace(context.settings, out=str(out))
    try:
        outcome = nightly(context.site(), folder, write, force=force)
    except GateRefused as refused:
        context.finish({"command": "nightly", "refused": list(refused.reasons)})
        raise
    extra: dict[str, Any] = {
        "run_id": outcome.run.run_id,
        "changes": outcome.changes,
        **outcome.written,
        "resumed": outcome.resumed,
    }
    extra |= {"forced": outcome.forced, "unchanged": int(outcome.unchanged)}
    context.finish_steps("nightly", outcome.reports, outcome.figures | extra)


@click.command("export")
@click.argument("folder", metavar="DIR")
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.pass_obj
def export_command(context: Context, folder: str, form: str) -> None:
    """Write rings, members, links and events of the current run as tables.

    DIR is a path, or a URL such as s3://bucket/prefix (see docs/facts.md).
    """
    from linkage.jobs.export import export
    from linkage.read import shown

    rows = export(context.site(), folder, form)
    context.progress.say(f"{shown(folder)}: " + ", ".join(f"{count:,} {name}" for name, count in rows.items()))
    context.finish({"command": "export", **rows})


def _choose(context: Context, engine: str | None) -> None:
    if engine is not None:
        context.settings = replace(context.settings, engine=engine)
