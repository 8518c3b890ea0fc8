"""`linkage erase`: what is stored of a person is removed, and does not come back."""

from __future__ import annotations

import click

from linkage.cli.context import Context
from linkage.errors import SettingsError


@click.command("erase")
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@click.option(
    "--file",
    "listed",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="a file (- for standard input) of accounts, one a line",
)
@click.option(
    "--identifier",
    "given",
    metavar="KIND=VALUE",
    multiple=True,
    help="an identifier that nobody is to have used, such as email=ann@example.org",
)
@click.option(
    "--identifiers", "things", metavar="FILE", type=click.Path(allow_dash=True), help="a file of KIND=VALUE, one a line"
)
@click.option("--author", metavar="A", default="", help="who erases; required but for --dry-run")
@click.option(
    "--reason", metavar="R", default="", help="why, such as the number of a request, without naming anybody; likewise"
)
@click.option("--dry-run", is_flag=True, help="only tell what there is to be erased")
@click.pass_obj
def erase_command(
    context: Context,
    accounts: tuple[str, ...],
    listed: str | None,
    given: tuple[str, ...],
    things: str | None,
    author: str,
    reason: str,
    dry_run: bool,
) -> None:
    """Erase all that is stored of accounts or identifiers, and keep later loads from bringing it back.

    Names on a command line can be seen by others on the machine and stay in its history: --file and --identifiers
    take them from files. What was erased is noted beside the store as keyed hashes only.
    """
    from linkage.jobs.erase import erase

    ids = [*accounts, *_lines(listed)]
    identifiers = [_pair(number, text) for number, text in enumerate([*given, *_lines(things)], 1)]
    if not ids and not identifiers:
        raise click.UsageError("give accounts, --file, --identifier or --identifiers")
    if not dry_run and not (author.strip() and reason.strip()):
        raise click.UsageError("give --author and --reason: an erasure is recorded")
    if any(one in reason or one in author for one in [*ids, *(value for _, value in identifiers)]):
        raise SettingsError("--reason or --author names what is to be erased: they are kept, so give a number instead")
    done = erase(context.site(), ids, identifiers, author=author, reason=reason, dry_run=dry_run)
    counts = ", ".join(f"{count:,} {name}" for name, count in done.counts.items() if count) or "nothing"
    known = f" ({done.unknown:,} of them not known here)" if done.unknown else ""
    what = f"{done.accounts:,} accounts{known} and {done.identifiers:,} identifiers"
    if dry_run:
        context.progress.say(f"of {what} there are: {counts}")
    elif not done.erasure:
        context.progress.say(f"{what} were erased before: nothing is left of them")
    else:
        context.progress.say(f"{done.erasure}: of {what} erased: {counts}; `linkage detect` makes the rings anew")
    context.finish(
        {
            "command": "erase",
            "erasure": done.erasure,
            "dry_run": int(dry_run),
            "given": done.accounts + done.identifiers,
            "unknown": done.unknown,
            **done.counts,
        }
    )


def _lines(path: str | None) -> list[str]:
    """Returns the lines of a file, `-` for standard input, that hold anything."""
    if path is None:
        return []
    with click.open_file(path, encoding="utf-8") as file:
        return [line.rstrip("\r\n") for line in file if line.strip()]


def _pair(number: int, text: str) -> tuple[str, str]:
    """Returns kind and value; the error does not repeat them, since a value is personal."""
    kind, sign, value = text.partition("=")
    if not sign or not kind.strip() or not value:
        raise click.UsageError(f"identifier {number} is not of the form KIND=VALUE")
    return kind.strip(), value
