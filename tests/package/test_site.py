"""The documentation as a site: it builds without a warning, its links lead somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")}


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.text = text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        canonical = given.get("rel") in ("canonical", "prev", "next", "edit")
        self.loaded += [given[name] for one, name in LOADED if one == tag and name in given and not canonical]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; building it fails on any warning (`strict` in mkdocs.yml)."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--clean", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def broken(pages: dict[Path, Page]) -> Iterator[str]:
    """Yields the links that lead nowhere, with the page that has them."""
    for path, page in pages.items():
        for link in {*page.links, *page.loaded}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                yield f"{path.name}: {link}"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{path.name}: {link} has no such part"


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    assert len(pages) > 25
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert sorted(broken(pages)) == []


def test_a_broken_link_would_be_noticed(site: Path) -> None:
    page = {site / "index.html": Page('<h1 id="a"></h1><a href="none.html">x</a><a href="#b">y</a><a href="#a">z</a>')}
    assert len(list(broken(page))) == 2


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page]) -> None:
    outside = {link for page in pages.values() for link in page.loaded if urlsplit(link).netloc}
    assert outside == set()


def test_every_page_of_the_docs_can_be_reached(site: Path) -> None:
    start = Page((site / "index.html").read_text(encoding="utf-8"))
    listed = {urlsplit(link).path for link in start.links}
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert name in listed or name == "index.html" or f'href="{name}"' in start.text, name


def test_the_reference_of_python_has_what_notebooks_use(pages: dict[Path, Page]) -> None:
    (page,) = [one for path, one in pages.items() if path.name == "python.html"]
    for name in ("linkage.open", "linkage.client.Notebook.picture", "linkage.client.Client.why_member"):
        assert name in page.anchors


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return None


def test_it_opens_in_a_browser(browser: Browser, site: Path, shots: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        for name in ("index", "tutorial", "concepts", "explore", "python"):
            page.goto(f"http://127.0.0.1:{server.server_port}/{name}.html")
            assert page.locator("h1").first.is_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280
            page.screenshot(path=shots / f"site-{name}.png")
        page.close()
        server.shutdown()
    assert said == []
