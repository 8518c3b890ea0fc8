"""`linkage neo4j start|stop|status`: a local Neo4j with graph algorithms and Browser."""

from __future__ import annotations

import json
from typing import Any, Protocol

import click

from linkage.progress import Progress
from linkage.settings import Settings


class GlobalOptions(Protocol):
    """What the main command hands to its subcommands."""

    @property
    def settings(self) -> Settings:
        """Returns the settings of this run."""

    @property
    def json(self) -> bool:
        """Returns whether the result is one JSON object."""

    @property
    def progress(self) -> Progress:
        """Returns where messages for people go."""


_as_json = click.option("--json", "as_json", is_flag=True, help="print one JSON object")


@click.group("neo4j")
def neo4j_group() -> None:
    """A local Neo4j with graph algorithms and Browser: no Docker, no root, no Java needed."""


@neo4j_group.command()
@_as_json
@click.pass_obj
def start(options: GlobalOptions, as_json: bool) -> None:
    """Start the local Neo4j, or find the one that runs. The first time it is downloaded (160 MB)."""
    from linkage.stores.neo4j.local import LocalServer

    info = LocalServer(options.settings).start(options.progress)
    _print(options.json or as_json, info.as_dict(), _for_people(info.as_dict()))


@neo4j_group.command()
@_as_json
@click.pass_obj
def stop(options: GlobalOptions, as_json: bool) -> None:
    """Stop the local Neo4j; its data stays. Nothing happens if it does not run."""
    from linkage.stores.neo4j.local import LocalServer

    stopped = LocalServer(options.settings).stop()
    text = "The local Neo4j has stopped." if stopped else "No local Neo4j was running."
    _print(options.json or as_json, {"running": False, "stopped": stopped}, text)


@neo4j_group.command()
@_as_json
@click.pass_obj
def status(options: GlobalOptions, as_json: bool) -> None:
    """Say whether the local Neo4j runs, and where."""
    from linkage.stores.neo4j.local import LocalServer

    server = LocalServer(options.settings)
    info = server.status()
    if info is None:
        home = str(server.layout.home)
        _print(options.json or as_json, {"running": False, "home": home}, f"No local Neo4j is running for {home}.")
    else:
        _print(options.json or as_json, {"running": True} | info.as_dict(), _for_people(info.as_dict()))


def _for_people(info: dict[str, Any]) -> str:
    return (
        f"Neo4j Browser  {info['http']}/browser/\n"
        f"Bolt           {info['bolt']}\n"
        f"user           {info['user']}\n"
        f"password       {info['password']}\n"
        f"process        {info['pid']}\n"
        f"folder         {info['home']}"
    )


def _print(as_json: bool, fields: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(fields) if as_json else text)
