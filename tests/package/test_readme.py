"""What the README says works: commands, tables, links, the GraphQL example."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from graphql import parse, validate
from pages import EXIT_STATUS, commands

from linkage import __version__
from linkage.cli import cli
from linkage.serve import schema
from linkage.settings import Settings
from linkage.stores.registry import is_embedded

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?(linkage .+)$")
_LINK = re.compile(r"\]\(([^)#:]+)\)")


def written(text: str) -> list[str]:
    """Returns every command line in the code blocks of a page, without its comment."""
    blocks = [body for _, body in _BLOCK.findall(text)]
    indented = re.findall(r"^    (linkage .+)$", text, re.MULTILINE)
    found = [match[1] for body in blocks for line in body.splitlines() if (match := _COMMAND.match(line))]
    return [line.split("  #")[0].strip() for line in found + indented]


def parsed(line: str) -> click.Context:
    """Returns the context in which click would run the command line; a UsageError if it would refuse it."""
    context = cli.make_context("linkage", shlex.split(line)[1:], resilient_parsing=False)
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


def lines() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        if page.name == "tutorial.md":  # its commands are run (test_tutorial.py)
            continue
        for line in written(page.read_text(encoding="utf-8")):
            yield page.name, line


@pytest.mark.parametrize(("page", "line"), list(lines()))
def test_every_command_line_is_one_that_the_command_takes(page: str, line: str) -> None:
    assert parsed(line).command.callback is not None


def test_a_wrong_command_line_would_be_noticed() -> None:
    assert len(written(README)) >= 10
    for line in ("linkage loda facts", "linkage load", "linkage rings --to 3"):
        with pytest.raises(click.UsageError):
            parsed(line)


def rows(head: str) -> list[list[str]]:
    """Returns the cells of the table under the header line."""
    table = README.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_the_table_of_commands_has_each_command_with_its_arguments() -> None:
    shown = {line for cells in rows("command | does") for line in re.findall(r"`([^`]+)`", cells[0])}
    assert {_name(line) for line in shown} == {name for name, _ in commands(cli)}
    for line in shown:
        sample = line.replace(" N", " 2000").replace(" S", " 1")
        assert parsed(sample).command.callback is not None


def _name(line: str) -> str:
    words = line.split()
    return " ".join(words[: 3 if words[1] in ("neo4j", "api-keys", "decisions") else 2])


def test_the_default_store_and_the_exit_statuses_are_so() -> None:
    first = rows("`--store` or `LINKAGE_STORE` | is")[0]
    assert first[0] == f"`{Settings().store}`"
    assert is_embedded(Settings().store)
    for status, meaning in re.findall(r"\b(\d) ([a-z ]+)[,.]", README.split("Exit status:")[1].split("All options")[0]):
        assert EXIT_STATUS[int(status)].split(";")[0].removeprefix("the sanity gate ") == meaning


def test_every_setting_that_is_named_exists() -> None:
    known = {row.metadata["env"] for row in Settings.__dataclass_fields__.values()}
    assert set(re.findall(r"LINKAGE_[A-Z0-9_]+", README)) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)\b(?=`| DEMO| {2,})", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_graphql_example_is_valid() -> None:
    (query,) = (body for language, body in _BLOCK.findall(README) if language == "graphql")
    assert validate(schema.core(schema.build()), parse(query)) == []


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## \[{re.escape(__version__)}\]", changelog, re.MULTILINE)
