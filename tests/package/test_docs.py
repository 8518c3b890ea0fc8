"""The pages that are made from the code are as the code is."""

from __future__ import annotations

import re

import pytest
from pages import DOCS, EXIT_STATUS, PAGES

import linkage.errors
from linkage.errors import LinkageError

_LINE = re.compile(r"^(?P<branch>[ │├└─]*)(?P<name>[A-Z]\w+) +(?P<status>\d)  ", re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def errors() -> list[type[LinkageError]]:
    found = [LinkageError]
    for kind in found:
        found += kind.__subclasses__()
    return found


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn = [(match["branch"], match["name"], int(match["status"])) for match in _LINE.finditer(linkage.errors.__doc__)]
    assert {(name, status) for _, name, status in drawn} == {(kind.__name__, kind.exit_status) for kind in errors()}
    path: list[str] = []
    for branch, name, _ in drawn:
        depth = (len(branch) - 4) // 4
        path = [*path[:depth], name]
        kind = getattr(linkage.errors, name)
        assert [one.__name__ for one in kind.__mro__ if issubclass(one, LinkageError)] == path[::-1]


def test_every_exit_status_is_documented() -> None:
    assert {kind.exit_status for kind in errors()} | {0, 130} == set(EXIT_STATUS)
