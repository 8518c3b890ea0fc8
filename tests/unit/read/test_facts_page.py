"""The page on the facts format names every table, column, choice, format and reason, and its example is real."""

from __future__ import annotations

import json
import re
from pathlib import Path

from linkage.jobs import export
from linkage.model.batches import Reason
from linkage.model.facts import TABLES
from linkage.model.kinds import Facet
from linkage.model.rings import Event, RingStatus, Role
from linkage.read import Format

PAGE = (Path(__file__).parents[3] / "docs" / "facts.md").read_text(encoding="utf-8")


def test_tables_columns_and_choices_are_those_of_the_model() -> None:
    found: dict[str, dict[str, bool]] = {}
    table = ""
    for line in PAGE.split("## How values are read")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[2] in {"yes", "no"}:
            table = cells[0] or table
            found.setdefault(table, {}).update(dict.fromkeys(cells[1].split(", "), cells[2] == "yes"))
    expected = {one.name: {column.name: column.required for column in one.columns} for one in TABLES}
    assert found == expected
    choices = {choice for one in TABLES for column in one.columns for choice in column.choices}
    assert choices <= set(re.findall(r"`(\w+)`", PAGE))


def test_reasons_and_formats_are_those_of_the_code() -> None:
    section = PAGE.split("## What is rejected")[1]
    assert re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[1:] == [reason.value for reason in Reason]
    assert all(f"`NAME{kind.value}`" in PAGE for kind in Format)


def test_the_example_has_the_columns_of_the_reject_file() -> None:
    (example,) = re.findall(r"```json\n(.*)\n```", PAGE)
    assert list(json.loads(example)) == ["table", "part", "line", "column", "value", "reason"]


def test_the_tables_of_an_export_have_the_columns_of_the_page() -> None:
    section = PAGE.split("## What `linkage export` writes")[1].split("\n## ")[0]
    found: dict[str, list[str]] = {}
    table = ""
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[1] not in ("column", "---"):
            table = cells[0] or table
            found.setdefault(table, []).extend(cells[1].split(", "))
    assert found == {name: schema.names for name, (schema, _) in export._MAKERS.items()}
    values = {one.value for names in (Role, RingStatus, Event, Facet) for one in names}
    assert values <= set(re.findall(r"`(\w+)`", section))
