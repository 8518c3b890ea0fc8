"""The guide as a text, and as Neo4j Browser plays it: every query in it runs, and rings are drawn in their colours."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner
from playwright.sync_api import Locator, Page

from linkage import queries
from linkage.browse import CHAPTERS, PageServer, examples, favourites, guide, style
from linkage.cli import cli
from linkage.stores.neo4j.store import Neo4jStore

DONE = "Started streaming|Displaying|no records|no changes|ERROR|No connection found|Query terminated"
"""What the frame of a statement says once it has been answered, well or not."""
DRAWN = {queries.load(f"explore/{name}").statement: name for name in ("ring_graph", "account_graph", "shared_graph")}


def test_every_query_for_people_is_in_one_chapter() -> None:
    told = [name for chapter in CHAPTERS for name in chapter.queries]
    assert sorted(told) == [name for name in queries.names() if name.startswith("explore/")]


def test_values_are_written_as_texts_of_cypher() -> None:
    page = guide("http://localhost:1/style.grass", {"ring": "a'b\\c<d>"})
    assert ":param ring =&gt; &#x27;a\\&#x27;b\\\\c&lt;d&gt;&#x27;" in page
    assert "<d>" not in page


def test_favourites_are_statements_with_a_name(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["--json", "neo4j", "open", "--favourites", str(tmp_path)])
    assert done.exit_code == 0
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == favourites()
    for text in written.values():
        assert text.startswith("// Returns ")
        assert "$" not in text or "// first set " in text


def test_the_style_sheet_shows_no_personal_data() -> None:
    shown = set(re.findall(r"caption: '([^']*)'", style()))
    assert shown <= {"<type>", "{id}", "{kind}", "{place}", "{bits}", "{role}"}


def test_pages_are_served_to_other_origins_and_nothing_else_is() -> None:
    with PageServer({"style.grass": "node {}"}) as server:
        reply = httpx2.get(server.address("style.grass"))
        assert (reply.text, reply.headers["Access-Control-Allow-Origin"]) == ("node {}", "*")
        assert httpx2.options(server.address("style.grass")).headers["Access-Control-Allow-Headers"] == "*"
        assert httpx2.get(server.address("../etc/passwd")).status_code == 404


@pytest.mark.neo4j
def test_values_to_begin_with_are_those_of_the_largest_ring(store: Neo4jStore) -> None:
    found = examples(store)
    assert (found["ring"], found["operator"], found["campaign"]) == ("r1", "op1", "camp1")
    assert found["account"] == "a1"
    assert found["key"] in {use.key for use in store.uses("a1")}


def _click(page: Page, at: int) -> tuple[str, str]:
    """Clicks a statement of the slide and runs it; returns it, and what was said, once Browser has its connection."""
    for _ in range(5):
        block = page.locator("pre.runnable").nth(at)
        statement = block.inner_text()
        block.click()
        said = _run(page, statement)
        if "No connection found" not in said:  # Browser connects anew now and then, on a slow machine above all
            break
        _close(page)
        page.wait_for_timeout(5_000)
    return statement, said


def _close(page: Page) -> None:
    _frame(page).locator("[title='Close'], [data-testid=closeFrameButton]").first.click()


def _run(page: Page, statement: str) -> str:
    """Runs what is in the editor and returns what its frame says."""
    page.click("[data-testid=editor-Run]")
    frame = _frame(page)
    start = statement.split("\n", maxsplit=1)[0].strip()
    frame.locator("[data-testid=frameCommand]", has_text=start[:60]).wait_for()
    frame.locator("[data-testid=frameStatusbar], [data-testid=frameContents]").first.wait_for()
    page.wait_for_function("() => !/Executing|Loading/i.test(document.querySelector('[data-testid=frame]').innerText)")
    if not start.startswith(":"):  # else a frame is read, and closed, before its rows have come, which ends the query
        page.wait_for_function(f"() => /{DONE}/.test(document.querySelector('[data-testid=frame]').innerText)")
    return frame.inner_text()


def _frame(page: Page) -> Locator:
    return page.locator("[data-testid=frame]").first


def _colours(page: Page) -> set[str]:
    """Returns the colours of the nodes that the first frame has drawn."""
    circles = _frame(page).locator("svg .node circle, svg g.node circle")
    circles.first.wait_for()
    return {one for one in circles.evaluate_all("all => all.map(one => one.getAttribute('fill'))") if one} - {"none"}


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_each_query_of_the_guide_runs_with_a_click(page: Page, shots: Path) -> None:
    """The style sheet is on the first slide, so that rings are drawn in its colours."""
    ran, drawn = [], {}
    for number in range(len(CHAPTERS) + 1):
        page.locator("pre.runnable").first.wait_for()
        page.screenshot(path=shots / f"browser-guide-{number}.png")
        for at in range(page.locator("pre.runnable").count()):
            statement, said = _click(page, at)
            assert "ERROR" not in said, f"slide {number}, {statement}: {said}"
            assert "Query terminated" not in said, f"slide {number}, {statement}: {said}"
            ran.append(statement)
            if statement.strip() in DRAWN:
                drawn[DRAWN[statement.strip()]] = _colours(page)
                page.screenshot(path=shots / f"browser-{DRAWN[statement.strip()]}.png")
            _close(page)
        if number < len(CHAPTERS):
            page.click("[data-testid=nextSlide]")
    assert sum(not one.startswith(":") for one in ran) == sum(len(chapter.queries) for chapter in CHAPTERS)
    assert drawn["ring_graph"] == drawn["account_graph"] == {"#4C8EDA"}
    assert drawn["shared_graph"] >= {"#4C8EDA", "#57C7E3", "#F79767", "#C990C0"}
