"""`linkage load`, `detect` and `export`: the jobs that change or write something."""

from __future__ import annotations

from pathlib import Path

import click

from linkage.cli.context import Context


@click.command("load")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def load_command(context: Context, folder: Path) -> None:
    """Read a folder of facts into the store; the same folder twice changes nothing."""
    from linkage.jobs.load import load

    context.finish_steps("load", load(context.site(), folder))


@click.command("detect")
@click.option("--again", is_flag=True, help="also where nothing has changed since the current run")
@click.pass_obj
def detect_command(context: Context, again: bool) -> None:
    """Link accounts, find and score rings, and publish them as one run."""
    from linkage.jobs.detect import detect

    context.finish_steps("detect", detect(context.site(), again=again))


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.pass_obj
def export_command(context: Context, folder: Path, form: str) -> None:
    """Write rings, members, links and events of the current run as tables."""
    from linkage.jobs.export import export

    rows = export(context.site(), folder, form)
    context.progress.say(f"{folder}: " + ", ".join(f"{count:,} {name}" for name, count in rows.items()))
    context.finish({"command": "export", **rows})
