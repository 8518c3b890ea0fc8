"""`linkage api-keys`: who may ask the API, and as what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from linkage.cli.context import Context
from linkage.cli.serve import keys_path

if TYPE_CHECKING:
    from linkage.serve.access.keyfile import ApiKey, KeyFile

_DAYS = click.option(
    "--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long the key is good."
)


@click.group("api-keys")
def api_keys_group() -> None:
    """Keys of the GraphQL API: made here, kept as hashes, good for a while."""


@api_keys_group.command("make")
@click.argument("name", metavar="NAME")
@click.option("--role", required=True, metavar="ROLE", help="viewer, analyst, operator or admin.")
@_DAYS
@click.pass_obj
def make_command(context: Context, name: str, role: str, days: int) -> None:
    """Make a key for NAME, who or what holds it, and print it this once.

    From the first key on, the API answers nobody without one.
    """
    _show(context, "make", *_file(context).make(name, role, days))


@api_keys_group.command("list")
@click.pass_obj
def list_command(context: Context) -> None:
    """Print the keys with their roles, expiry and state; the keys themselves are not kept."""
    now = datetime.now(UTC)
    rows = [_row(key, now) for key in _file(context).held()]
    if not context.json:
        for row in rows:
            click.echo("{id}  {state:8}  {role:8}  until {expires}  {name}".format(**row))
    context.finish({"command": "api-keys list", "keys": rows})


@api_keys_group.command("revoke")
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke_command(context: Context, key_id: str) -> None:
    """Refuse a key from now on, also in a service that is running."""
    row = _row(_file(context).revoke(key_id), datetime.now(UTC))
    context.progress.say(f"key {key_id} of {row['name']} is revoked")
    context.finish({"command": "api-keys revoke", **row})


@api_keys_group.command("rotate")
@click.argument("key_id", metavar="ID")
@_DAYS
@click.option(
    "--overlap",
    default=24,
    show_default=True,
    type=click.IntRange(0, 720),
    help="Hours for which the old key is still good.",
)
@click.pass_obj
def rotate_command(context: Context, key_id: str, days: int, overlap: int) -> None:
    """Make the key that follows another, with its name and role."""
    _show(context, "rotate", *_file(context).rotate(key_id, days, timedelta(hours=overlap)))


def _file(context: Context) -> KeyFile:
    from linkage.serve.access.keyfile import KeyFile

    return KeyFile(keys_path(context.site()))


def _show(context: Context, command: str, key: ApiKey, secret: str) -> None:
    context.progress.say(f"key {key.key_id} for {key.name}, {key.role}, until {key.expires}; it is shown this once:")
    if not context.json:
        click.echo(secret)
    context.finish({"command": f"api-keys {command}", **_row(key, datetime.now(UTC)), "key": secret})


def _row(key: ApiKey, now: datetime) -> dict[str, Any]:
    return {"id": key.key_id, "name": key.name, "role": key.role, "expires": key.expires, "state": key.state(now)}
