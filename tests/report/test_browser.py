"""The page in a real browser: offline, silent, readable by keyboard, in both colour schemes, wide and narrow."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from linkage.cli.report import write
from linkage.jobs.site import Site


@pytest.fixture(scope="module")
def file(site: Site, folder: Path) -> Path:
    """The page that the last night wrote."""
    return site.working.beside(".nights") / "report.html"


def opened(context: BrowserContext, file: Path) -> tuple[Page, list[str], list[str]]:
    """Returns the page, what its console said, and what it asked for."""
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    return page, said, asked


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_without_a_word_and_fits(
    browser: Browser, file: Path, shots: Path, scheme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        offline=True,  # type: ignore[arg-type]
    )
    page, said, asked = opened(context, file)
    assert (said, asked) == ([], [file.as_uri()])
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}[scheme]
    assert len(page.screenshot(path=shots / f"page-{scheme}-{width}.png", full_page=True)) > 50_000
    wide = page.evaluate(
        "[...document.querySelectorAll('figure.picture > svg')].map(e => e.getBoundingClientRect())"
        ".every(r => r.left >= 0 && r.right <= innerWidth && r.height > 100)"
    )
    assert wide
    context.close()


def test_the_policy_stops_what_is_put_in(browser: Browser, file: Path, tmp_path: Path) -> None:
    with_script = tmp_path / "changed.html"
    text = file.read_text().replace(
        "</main>", "<script>document.title = 'broken'</script><b style='color:red'></b></main>"
    )
    with_script.write_text(text)
    context = browser.new_context()
    page, said, _ = opened(context, with_script)
    assert page.title() != "broken"
    assert sum("Content Security Policy" in one for one in said) == 2
    context.close()


def test_headings_images_and_tables_have_names(browser: Browser, file: Path) -> None:
    context = browser.new_context()
    page, _, _ = opened(context, file)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for image in page.get_by_role("img").all():
        assert (
            image.evaluate(
                "e => (e.getAttribute('aria-label') || document.getElementById("
                "e.getAttribute('aria-labelledby')).textContent).trim().length"
            )
            > 10
        )
    assert page.locator("svg:not([role=img]):not([aria-hidden=true])").count() == 0
    assert page.locator("table:not(:has(th[scope=col]))").count() == 0
    assert page.evaluate("document.documentElement.lang") == "en"
    identifiers = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(identifiers) == len(set(identifiers))
    targets = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(e => e.getAttribute('href').slice(1))"
    )
    assert set(targets) <= set(identifiers)
    context.close()


def test_what_is_folded_opens_and_fits(browser: Browser, file: Path, shots: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _, _ = opened(context, file)
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    ring = page.locator("article.ring").first
    for title in ("What speaks against it", "What holds it together", "The case of its weakest member"):
        assert ring.get_by_text(title).first.is_visible()
    ring.screenshot(path=shots / "page-ring-unfolded.png")
    context.close()


def test_it_can_be_used_by_keyboard(browser: Browser, file: Path) -> None:
    context = browser.new_context()
    page, _, _ = opened(context, file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("e => e.open")
    context.close()


def test_with_a_truth_it_scores(browser: Browser, site: Site, folder: Path, tmp_path: Path) -> None:
    from linkage.cli.report import _score

    score = _score(site, folder / "truth")
    assert score["precision"] > 0.5
    with site.open() as store:
        write(site, store, tmp_path / "scored.html", score)
    context = browser.new_context()
    page, said, _ = opened(context, tmp_path / "scored.html")
    assert said == []
    assert page.get_by_role("heading", name="Score against the truth that was given").count() == 1
    assert page.get_by_role("row", name="careful").count() >= 1
    context.close()


def test_no_address_card_or_prompt_is_in_it(file: Path, folder: Path) -> None:
    import duckdb

    page = file.read_text()
    nights = f"{folder}/nights/*"
    (secret,) = [
        {
            row[0]
            for row in duckdb.sql(
                f"SELECT DISTINCT ip FROM '{nights}/requests.parquet' WHERE ip IS NOT NULL UNION "
                f"SELECT DISTINCT payment_id FROM '{nights}/payments.parquet'"
            ).fetchall()
        }
    ]
    assert len(secret) > 1000
    assert [value for value in secret if value in page] == []
