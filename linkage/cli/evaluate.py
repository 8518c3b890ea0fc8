"""`linkage evaluate`: scores an export against a truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from linkage.cli.context import Context


@click.command("evaluate")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--truth", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Folder or table of the truth."
)
@click.pass_obj
def evaluate_command(obj: Context, folder: Path, truth: Path) -> None:
    """Score the export in DIR (see `linkage export`) against a benchmark's truth."""
    from linkage.evaluate import evaluate, table

    scores = evaluate(folder, truth)
    if obj.json:
        obj.finish(scores.as_dict())
    else:
        from rich.console import Console

        Console().print(table(scores))
