"""The query editor of a running service in a real browser: the query that it begins with runs, and is answered."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from linkage.jobs.site import Site
from tests.serve.test_server import serving


def test_a_query_runs_in_the_editor(browser: Browser, site: Site, shots: Path) -> None:
    with site.open() as store:
        strongest = store.rings(1)[0].ring_id
    with serving(site) as (_, address):
        page = browser.new_page(viewport={"width": 1400, "height": 800})
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{address}/graphql")
        page.locator(".graphiql-query-editor .CodeMirror", has_text="rings").click()
        page.keyboard.press("Control+Enter")
        page.locator(".result-window", has_text=strongest).wait_for()
        page.locator("button[aria-label*='Documentation']").click()
        page.locator(".graphiql-doc-explorer", has_text="Query").wait_for()
        page.screenshot(path=shots / "editor.png")
        page.close()
    assert said == []
