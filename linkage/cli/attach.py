"""`linkage attach`: what a new sign-up would link to."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from linkage.cli import tables
from linkage.cli.context import Context
from linkage.errors import InputError


@click.command("attach")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--evidence", "shown", default=1, show_default=True, type=click.IntRange(0, 64), help="waterfalls printed"
)
@click.pass_obj
def attach_command(context: Context, file: Path, shown: int) -> None:
    """Say what the sign-up in FILE (- for standard input) would link to, without writing anything.

    FILE is one JSON object with rows by table, whose columns are those of the facts format:
    {"accounts": [{"created_at": …}], "payments": [{"payment_id": …}], "requests": [{"at": …, "ip": …, "prompt": …}]}
    """
    from linkage.jobs.attach import Attacher

    facts = _object(file)
    site = context.site()
    with site.open() as store, Attacher(site, store) as attacher:
        found = attacher.attach(facts)
    if not context.json:
        tables.show(*tables.attachment(found))
        for one in found.accounts[:shown]:
            tables.show(*tables.waterfall(one.evidence))
    context.finish({"command": "attach", **asdict(found)})


def _object(file: Path) -> dict[str, Any]:
    """Returns the object in a file; InputError where there is none."""
    shown = "standard input" if str(file) == "-" else file
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        read = json.loads(text)
    except OSError as error:
        raise InputError(f"{shown} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{shown} is no JSON: line {getattr(error, 'lineno', 1)}") from None
    except RecursionError:
        raise InputError(f"{shown} is nested too deep: values are text, numbers or nothing, in rows by table") from None
    if not isinstance(read, dict):
        raise InputError(f"{shown} must be one JSON object, with rows by table")
    return read
