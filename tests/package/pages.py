"""The pages of docs/ that are made from the code: `make docs` writes them, test_docs.py compares them.

Run: python tests/package/pages.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLType,
    GraphQLUnionType,
    get_named_type,
    specified_scalar_types,
)

from linkage import queries
from linkage.cli import cli
from linkage.serve import schema
from linkage.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"

EXIT_STATUS = {
    0: "done",
    1: "failed",
    2: "wrong usage or settings",
    3: "the sanity gate refused to publish; the last good run still stands",
    4: "another run holds the lock",
    5: "the store cannot be reached",
    130: "interrupted; the store is as after the last finished step",
}

_CLI_HEAD = """# The command line

`linkage [--store URL] [--json] [--quiet] COMMAND …`

The store comes from `--store`, else from `LINKAGE_STORE`, else it is the embedded one in the working folder,
`duckdb:linkage.duckdb`. With `--json` the last line on standard output is one JSON object with the command's counts
and seconds. Progress and messages go to standard error, a progress bar only on a terminal; `--quiet` ends both.
All settings are in [settings.md](settings.md).

| store URL | is |
|---|---|
| `duckdb:PATH` | embedded, one file |
| `neo4j:local` | a local Neo4j that the command finds or starts |
| `neo4j://…`, `neo4j+s://…`, `bolt://…` | any Neo4j; needs `LINKAGE_USER`, `LINKAGE_PASSWORD`, `LINKAGE_KEY` |
| `gremlin+ws://…`, `gremlin+wss://…` | JanusGraph or another Gremlin server ([gremlin.md](gremlin.md)); likewise |

## Exit status
"""

_SETTINGS_HEAD = """# Settings

Every setting is an environment variable; there is no configuration file. Weights are in bits (log2 likelihood ratios,
see [model.md](model.md)). Secrets are never printed or logged.

| variable | default | meaning |
|---|---|---|
"""

_SETTINGS_END = """
An address is looked up in the lists of networks when it is first met, and only its keyed hash is kept. Other lists
therefore hold for addresses that are met later; `load` says so when they have changed. To look all up again, load all
facts into a new store.
"""

_SCHEMA_HEAD = """# The GraphQL schema

Every type of the API, as the service says it itself; [schema.graphql](schema.graphql) is the same for tools, and
[graphql.md](graphql.md) says how to ask.
"""

_QUERIES_HEAD = """# The Cypher files

What `linkage queries` prints. Each file in `cypher/` holds one statement; those in `explore/` are for people in Neo4j
Browser, and [what they answer](explore.md) shows each with an example. `gds` needs the open-source Graph Data Science
plugin.

| file | purpose | params | mode | needs |
|---|---|---|---|---|
"""


def commands(group: click.Group, prefix: str = "linkage") -> Iterator[tuple[str, click.Command]]:
    """Yields every command with its full name, by name; groups give way to their commands."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def cli_page() -> str:
    """Returns docs/cli.md."""
    lines = [_CLI_HEAD + "| status | means |", "|---|---|"]
    lines += [f"| {status} | {meaning} |" for status, meaning in EXIT_STATUS.items()]
    for name, command in commands(cli):
        lines += ["", *_section(name, command)]
    return "\n".join(lines) + "\n"


def _section(name: str, command: click.Command) -> Iterator[str]:
    arguments = [param.make_metavar(click.Context(command)) for param in _arguments(command)]
    yield f"## `{' '.join([name, *arguments])}`"
    yield inspect.cleandoc(command.help or "")
    options = [param for param in command.params if isinstance(param, click.Option)]
    if options:
        yield "\n| option | default | meaning |\n|---|---|---|"
    for option in options:
        yield f"| {_option(command, option)} | {_default(option)} | {_cell(option.help or '')} |"


def _arguments(command: click.Command) -> list[click.Parameter]:
    return [param for param in command.params if isinstance(param, click.Argument)]


def _option(command: click.Command, option: click.Option) -> str:
    number = isinstance(option.type, click.IntRange) and option.metavar is None
    value = "" if option.is_flag else " N" if number else " " + option.make_metavar(click.Context(command))
    return f"`{', '.join(option.opts)}{_cell(value)}`"


def _default(option: click.Option) -> str:
    if option.required:
        return "required"
    shown = not option.is_flag and isinstance(option.default, str | int | float)
    return f"`{option.default}`" if shown else ""


def settings_page() -> str:
    """Returns docs/settings.md."""
    return (
        _SETTINGS_HEAD
        + "".join(
            f"| `{row.metadata['env']}` | {f'`{row.default}`' if row.default != '' else ''} "
            f"| {_cell(row.metadata['help'])}{' (secret)' if row.metadata['secret'] else ''} |\n"
            for row in fields(Settings)
        )
        + _SETTINGS_END
    )


def queries_page() -> str:
    """Returns docs/queries.md."""
    return _QUERIES_HEAD + "".join(
        f"| `{one.name}` | {_cell(one.purpose)} | {' '.join(f'`${name}`' for name in one.params)} "
        f"| {one.mode.value} | {one.needs.value} |\n"
        for one in queries.index()
    )


def schema_page() -> str:
    """Returns docs/schema.md."""
    types = schema.core(schema.build()).type_map
    shown = [one for name, one in sorted(types.items()) if not name.startswith("__") and not is_specified(one)]
    roots = ("Query", "Mutation", "Subscription")
    ordered = sorted(shown, key=lambda one: (roots.index(one.name) if one.name in roots else len(roots), one.name))
    return _SCHEMA_HEAD + "".join("\n".join(["", *_type(one), ""]) for one in ordered)


def is_specified(one: GraphQLNamedType) -> bool:
    """Returns whether a type is GraphQL's own."""
    return one.name in specified_scalar_types


def _type(one: GraphQLNamedType) -> Iterator[str]:
    """Yields the lines of a type: what it is, and a row for each of its fields."""
    kind = type(one).__name__.removeprefix("GraphQL").removesuffix("Type").lower().replace("inputobject", "input")
    yield f"## {one.name}"
    yield f"\n{kind}. {one.description or ''}".rstrip()
    if isinstance(one, GraphQLEnumType):
        yield "\n" + ", ".join(f"`{name}`" for name in one.values)
    if isinstance(one, GraphQLUnionType):
        yield "\n" + ", ".join(_linked(inner) for inner in one.types)
    if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield "\n| field | type | meaning |\n|---|---|---|"
        for name, field in one.fields.items():
            arguments = getattr(field, "args", {})
            taken = "; ".join(f"`{arg}: {_cell(str(given.type))}`" for arg, given in arguments.items())
            meaning = _cell(field.description or "") + (f" Takes {taken}." if taken else "")
            yield f"| `{name}` | {_linked(field.type)} | {meaning.strip()} |"


def _linked(kind: GraphQLType) -> str:
    """Returns a type as a link to its section; GraphQL's own as they are."""
    named = get_named_type(kind)
    text = f"`{kind}`"
    return text if is_specified(named) else f"[{text}](#{named.name.lower()})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {"schema.md": schema_page, "cli.md": cli_page, "settings.md": settings_page, "queries.md": queries_page}


def main() -> None:
    """Writes the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    (DOCS / "schema.graphql").write_text(schema.sdl(), encoding="utf-8")


if __name__ == "__main__":
    main()
