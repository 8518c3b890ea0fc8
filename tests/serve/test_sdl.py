"""docs/schema.graphql is the schema that the code makes, and the editor's files are their publishers'."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest
from graphql import build_schema, find_breaking_changes

from linkage.serve import graphiql, schema
from linkage.serve.faults import Code
from linkage.serve.settings import PAGE, Limits

ROOT = Path(__file__).parents[2]


def test_the_sdl_in_the_docs_is_the_codes() -> None:
    """To renew it: `python -c "from linkage.serve.schema import sdl; print(sdl(), end='')"`."""
    assert (ROOT / "docs" / "schema.graphql").read_text() == schema.sdl()


def test_every_public_field_of_the_root_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "graphql.md").read_text()
    for name in schema.core(schema.build()).query_type.fields:  # type: ignore[union-attr] # there is a root
        assert f"`{name}" in text


def test_every_limit_in_the_docs_is_the_codes() -> None:
    text = (ROOT / "docs" / "graphql.md").read_text().partition("## Limits")[2]
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$", text, re.MULTILINE)
    rows = {what: value for what, value, _ in found}
    named = re.findall(r"`(\w+)`", " ".join(name for _, _, name in found[1:]))
    assert sorted(named) == sorted(row.name for row in fields(Limits))
    limits = Limits()
    assert rows["body"] == f"{limits.body_bytes // 1024} KiB"
    assert rows["tokens; comments"] == f"{limits.tokens:,}; {limits.comments}"
    assert rows["depth (introspection)"] == f"{limits.depth} ({limits.introspection_depth})"
    assert rows["root fields; aliases; directives"] == f"{limits.root_fields}; {limits.aliases}; {limits.directives}"
    assert rows["fields; fragments"] == f"{limits.fields}; {limits.fragments}"
    assert (rows["page"], rows["cost"]) == (str(PAGE), f"{limits.cost:,}")
    assert (rows["errors told"], rows["requests at once"]) == (str(limits.errors), str(limits.in_flight))
    assert rows["points of a sender; filled a second"] == f"{limits.bucket:,}; {limits.bucket_rate:,}"
    assert rows["open streams; operations of a WebSocket"] == f"{limits.streams}; {limits.subscriptions}"
    assert rows["deadline"] == f"{limits.deadline_s:.0f} s"


def test_every_code_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "graphql.md").read_text()
    assert [code for code in Code if f"`{code.value}`" not in text] == []


@pytest.mark.parametrize("name", graphiql.VENDOR)
def test_the_editors_files_are_unchanged(name: str) -> None:
    packed = files("linkage.serve").joinpath("static", "vendor", f"{name}.gz").read_bytes()
    digest = base64.b64encode(hashlib.sha384(gzip.decompress(packed)).digest()).decode()
    published = files("strawberry").joinpath("static", "graphiql.html").read_text()
    assert re.search(rf'{re.escape(name)}"\s+integrity="sha384-{re.escape(digest)}"', published)


def breaking(old: str, new: str) -> list[str]:
    return [change.description for change in find_breaking_changes(build_schema(old), build_schema(new))]


def test_no_change_breaks_what_clients_of_the_baseline_ask() -> None:
    """The schema only grows. `baseline.graphql` becomes `docs/schema.graphql` with each release; a field that is to go
    is deprecated in one and taken out of the baseline with the next major version."""
    assert breaking((ROOT / "tests" / "serve" / "baseline.graphql").read_text(), schema.sdl()) == []


def test_a_breaking_change_would_be_noticed() -> None:
    old = schema.sdl()
    assert breaking(old, old.replace("  size: Int!\n", "  extent: Int!\n")) != []
    assert breaking(old, old.replace("rings(first: Int! = 20", "rings(must: Int!, first: Int! = 20")) != []
