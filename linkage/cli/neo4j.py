"""`linkage neo4j start|stop|status`: a local Neo4j with graph algorithms and Browser."""

from __future__ import annotations

import json
from pathlib import Path
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


@neo4j_group.command("open")
@click.option(
    "--favourites", type=click.Path(path_type=Path, file_okay=False), help="write the favourites here, and end"
)
@click.option("--window/--no-window", default=True, help="open a window of the browser, where there is a screen")
@_as_json
@click.pass_obj
def open_browser(options: GlobalOptions, favourites: Path | None, window: bool, as_json: bool) -> None:
    """Open Neo4j Browser with its guide, until Ctrl-C; the local Neo4j is found or started."""
    from linkage.browse import favourites as texts

    if favourites is not None:
        favourites.mkdir(parents=True, exist_ok=True)
        for name, text in texts().items():
            (favourites / name).write_text(text, encoding="utf-8")
        found = {"favourites": len(texts()), "folder": str(favourites)}
        _print(options.json or as_json, found, f"{len(texts())} favourites: drop them from {favourites} into Browser.")
        return
    _play(options, window, options.json or as_json)


def _play(options: GlobalOptions, window: bool, as_json: bool) -> None:
    """Serves the guide and says where Browser plays it, until Ctrl-C."""
    import time
    import webbrowser
    from urllib.parse import urlencode

    from linkage.browse import PageServer, examples, guide, style
    from linkage.stores.neo4j.local import LocalServer
    from linkage.stores.neo4j.store import Neo4jStore

    info = LocalServer(options.settings).start(options.progress)
    with Neo4jStore(info.bolt, info.user, info.password) as store:
        store.prepare()
        given = examples(store)
    with PageServer({"style.grass": style()}) as pages:
        pages.put("guide.html", guide(pages.address("style.grass"), given))
        signed_in = info.bolt.replace("://", f"://{info.user}@")
        query = urlencode({"dbms": signed_in, "cmd": "play", "arg": pages.address("guide.html")})
        address = f"{info.http}/browser/?{query}"
        _print(
            as_json,
            {"address": address, "user": info.user, "password": info.password},
            f"Neo4j Browser  {address}\nuser           {info.user}\npassword       {info.password}\nCtrl-C ends it",
        )
        if window:
            webbrowser.open(address)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            options.progress.say("the guide has ended; the local Neo4j runs on")


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
