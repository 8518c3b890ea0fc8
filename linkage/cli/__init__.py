"""The `linkage` command: options that all commands share, and one place where errors become exit statuses."""

from __future__ import annotations

import importlib
import os
import sys
from itertools import pairwise
from typing import Any, NoReturn

import click

from linkage.cli.context import Context
from linkage.errors import LinkageError
from linkage.progress import FORMS, Progress
from linkage.settings import Settings
from linkage.version import __version__

_COMMANDS: dict[str, tuple[str, str]] = {
    "account": ("linkage.cli.show", "account_command"),
    "api-keys": ("linkage.cli.apikeys", "api_keys_group"),
    "attach": ("linkage.cli.attach", "attach_command"),
    "decisions": ("linkage.cli.decisions", "decisions_group"),
    "demo": ("linkage.cli.demo", "demo_command"),
    "detect": ("linkage.cli.run", "detect_command"),
    "erase": ("linkage.cli.erase", "erase_command"),
    "evaluate": ("linkage.cli.evaluate", "evaluate_command"),
    "export": ("linkage.cli.run", "export_command"),
    "load": ("linkage.cli.run", "load_command"),
    "nightly": ("linkage.cli.run", "nightly_command"),
    "neo4j": ("linkage.cli.neo4j", "neo4j_group"),
    "queries": ("linkage.cli.show", "queries_command"),
    "report": ("linkage.cli.report", "report_command"),
    "ring": ("linkage.cli.show", "ring_command"),
    "rings": ("linkage.cli.show", "rings_command"),
    "serve": ("linkage.cli.serve", "serve_command"),
    "simulate": ("linkage.cli.simulate", "simulate_command"),
    "why": ("linkage.cli.show", "why_command"),
}


class _Lazy(click.Group):
    """Imports a command when it is asked for, so that `linkage --help` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; where messages are for machines, the last one is what it failed of."""
        try:
            return super().invoke(ctx)
        except (LinkageError, OSError) as error:
            if ctx.obj is None or ctx.obj.progress.logger is None:
                raise
            status = _status(error)
            ctx.obj.progress.logger.error(_said(error), error=type(error).__name__, exit_status=status)
            sys.exit(status)


def _status(error: LinkageError | OSError) -> int:
    return error.exit_status if isinstance(error, LinkageError) else 1


def _said(error: LinkageError | OSError) -> str:
    """Returns what a person is told of an error; of one of the system, what and where."""
    if isinstance(error, LinkageError):
        return str(error)
    return f"{error.strerror or type(error).__name__}" + (f": {error.filename}" if error.filename else "")


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="linkage")
@click.option(
    "--store",
    metavar="URL",
    help="duckdb:PATH, neo4j:local, neo4j://…, bolt://…, gremlin+ws://…  [env: LINKAGE_STORE]",
)
@click.option("--json", "as_json", is_flag=True, help="end with one JSON object on standard output")
@click.option("--quiet", is_flag=True, help="no messages and no progress")
@click.option("--log", type=click.Choice(FORMS), help="how messages are written  [env: LINKAGE_LOG]")
@click.pass_context
def cli(ctx: click.Context, store: str | None, as_json: bool, quiet: bool, log: str | None) -> None:
    """Find rings of fake accounts, and say why, in bits of evidence."""
    ctx.obj = Context(Settings.from_environment(store=store, log=log), as_json=as_json, quiet=quiet)


def main() -> Any:
    """Runs the command and exits with the status of the contract (see linkage.errors)."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        if _for_machines():
            _end(error.format_message(), error, error.exit_code)
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        _end("interrupted: the store is as after the last finished step", error, 130, prefix="")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (LinkageError, OSError) as error:
        _end(_said(error), error, _status(error))
    except MemoryError as error:
        _end("out of memory: lower LINKAGE_MEMORY or use a larger machine", error, 1)


def _end(message: str, error: BaseException, status: int, prefix: str = "linkage: ") -> NoReturn:
    """Says what the command failed of, in the form in which all messages are, and exits."""
    logger = Progress(form="json").logger if _for_machines() else None
    if logger is not None:
        logger.error(message, error=type(error).__name__, exit_status=status)
    else:
        print(f"{prefix}{message}", file=sys.stderr)
    sys.exit(status)


def _for_machines() -> bool:
    """Returns whether messages are to be JSON, by the words as they are: what is wrong may be among them."""
    words = sys.argv[1:]
    forms = [two for one, two in pairwise(words) if one == "--log"]
    forms += [word.removeprefix("--log=") for word in words if word.startswith("--log=")]
    return (forms[0] if forms else os.environ.get("LINKAGE_LOG")) == "json"
