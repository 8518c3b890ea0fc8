"""What `runProgress` tells where runs follow one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient

from linkage.cli.serve import acts, explain
from linkage.jobs.site import Site
from linkage.serve.app import create_app
from linkage.serve.settings import ServeSettings

Notes = list[Mapping[str, Any]]

FIRST: Notes = [{"message": "started", "at": "2026-12-01T00:00:00+00:00"}, {"message": "linking"}]
SECOND: Notes = [
    {"message": "started", "at": "2026-12-01T00:01:00+00:00"},
    {"message": "linking"},
    {"message": "finding"},
    {"message": "finished", "exit_status": 0},
]


def told(site: Site, looks: list[Notes], after: int = 0) -> str:
    """Returns the events of a subscription that finds these notes, one look after another."""
    found = iter(looks)
    given = replace(acts(site), notes=lambda: next(found))
    app = create_app(site.open, partial(explain, site.settings), ServeSettings(pause_s=0.0), given)
    query = "subscription ($n: Int!) { runProgress(after: $n) { line message } }"
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post(
            "/graphql", json={"query": query, "variables": {"n": after}}, headers={"Accept": "text/event-stream"}
        )
    return answer.text


def test_a_newer_run_is_not_told_as_the_rest_of_an_earlier_one(site: Site) -> None:
    events = told(site, [FIRST, SECOND])
    assert events.count("event: next") == len(FIRST)
    assert "finding" not in events
    assert "event: complete" in events


@pytest.mark.parametrize(("after", "lines"), [(0, 4), (3, 1), (4, 0), (9, 4)])
def test_a_line_that_this_run_has_not_come_to_was_an_earlier_ones(site: Site, after: int, lines: int) -> None:
    assert told(site, [SECOND], after).count("event: next") == lines
