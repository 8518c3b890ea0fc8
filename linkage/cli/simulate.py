"""`linkage simulate`: writes a benchmark world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from linkage.cli.context import Context


@click.command("simulate")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--accounts", metavar="N", type=int, required=True, help="Honest accounts, 2,000 or more.")
@click.option("--seed", metavar="S", type=int, required=True, help="0 to 99 to tune on, 1000 and up to report.")
@click.option("--nights", metavar="K", type=int, default=0, help="One folder of facts a night, K in all.")
@click.option(
    "--prompts",
    type=click.Choice(["auto", "text", "fingerprint"]),
    default="auto",
    show_default=True,
    help="How prompts are given; auto: text up to 50,000 accounts, a gateway's fingerprints beyond.",
)
@click.option("--shared-questions", is_flag=True, help="All campaigns draw from one pool of questions.")
@click.pass_obj
def simulate_command(
    obj: Context,
    folder: Path,
    accounts: int,
    seed: int,
    nights: int,
    prompts: str,
    shared_questions: bool,
) -> None:
    """Write a world of N honest accounts with planted rings, evaders and look-alikes.

    DIR/facts is a folder of facts to load; with --nights, DIR/nights/001, 002, … are loaded one after another.
    DIR/truth holds the truth, for `linkage evaluate` alone, DIR/lists public lists of places for LINKAGE_LISTS;
    DIR/world.json says what is in the world.
    """
    from linkage.simulate import simulate

    with obj.progress.bar("simulate") as advance:
        report = simulate(folder, accounts, seed, nights, prompts, advance, shared_questions=shared_questions)
    if obj.json:
        obj.finish(report.as_dict())
    else:
        click.echo(
            f"{report.accounts:,} accounts, {report.fakes:,} of them fakes of {report.operators:,} operators, "
            f"{report.requests:,} requests in {report.seconds:.1f} s\n"
            f"facts: {', '.join(str(folder / part) for part in report.facts)}\n"
            f"truth: {folder / report.truth}"
        )
