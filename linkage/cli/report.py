"""`linkage report`: one self-contained page of the current run."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linkage.cli.context import Context

if TYPE_CHECKING:
    from linkage.jobs.site import Site
    from linkage.stores.base import Store


@click.command("report")
@click.argument("file", metavar="FILE.html", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--truth", metavar="DIR", type=click.Path(path_type=Path), help="Also score against this truth.")
@click.pass_obj
def report_command(context: Context, file: Path, truth: Path | None) -> None:
    """Write one self-contained page of the current run: what changed, trends, the largest and newest rings, rejects.

    It opens offline, loads nothing and runs no script. Identifiers in it are keyed hashes.
    """
    site = context.site()
    score = None if truth is None else _score(site, truth)
    with site.open() as store:
        size = write(site, store, file, score)
    context.progress.say(f"{file}: {size:,} bytes")
    context.finish({"command": "report", "file": str(file), "bytes": size})


def write(site: Site, store: Store, file: Path, score: dict[str, Any] | None = None) -> int:
    """Writes the page of the store's current run; returns its bytes."""
    from linkage.cli.serve import explain
    from linkage.jobs.cases import cases
    from linkage.jobs.rejects import reject_counts
    from linkage.report import gather, write_page

    content = gather(store, partial(explain, site.settings), reject_counts(site), score, cases(site.settings))
    return write_page(content, file)


def _score(site: Site, truth: Path) -> dict[str, Any]:
    """Returns what a truth says of the current run: precision, recall, and bars by evader and by context."""
    from linkage.evaluate import evaluate
    from linkage.jobs.export import export
    from linkage.report.charts import bars

    with tempfile.TemporaryDirectory(prefix="linkage-report-") as folder:
        export(site, Path(folder), names=("rings", "members"))
        scores = evaluate(Path(folder), truth)
    evaders = [(name, one.share or 0.0, f"{one.found:,} of {one.accounts:,}") for name, one in scores.evaders.items()]
    contexts = [
        (name or "none", one.flagged / one.accounts, f"{one.flagged:,} of {one.accounts:,}")
        for name, one in scores.contexts.items()
        if one.accounts
    ]
    return {
        "precision": scores.accounts.precision,
        "recall": scores.accounts.recall,
        "evaders": bars(sorted(evaders, key=lambda row: (-row[1], row[0])), top=1.0),
        "contexts": bars(sorted(contexts, key=lambda row: (-row[1], row[0]))),
    }
