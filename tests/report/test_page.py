"""The page of a run, as data and as text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage.cli.report import write
from linkage.cli.serve import explain
from linkage.errors import NotFound, StoreError
from linkage.jobs.site import Site
from linkage.model.kinds import Facet
from linkage.model.rings import Evidence, Member, Ring, RingStatus, Role, Run
from linkage.report import Content, gather, render
from linkage.report.charts import line, waterfall
from linkage.report.picture import EDGES, HEIGHT, SHOWN, WIDTH, picture
from linkage.settings import Settings
from linkage.stores.base import Publication, Store
from linkage.stores.duckdb import DuckDBStore
from linkage.working import WorkingFile

LARGE = 20_000


def told(site: Site, store: Store) -> Content:
    def why(store: Store, pairs: Sequence[tuple[str, str]]) -> list[Evidence | None]:
        return explain(site.settings, store, pairs)

    return gather(store, why)


@pytest.fixture(scope="module")
def content(site: Site) -> Content:
    with site.open() as store:
        return told(site, store)


def test_it_tells_what_the_store_holds(site: Site, content: Content) -> None:
    with site.open() as store:
        rings, run = store.rings(1000), store.current_run()
        events = store.events(limit=10_000, run_id=content.run.run_id)
    assert content.run == run
    assert sum(content.event_counts.values()) == len(events)
    assert sum(bar.value for bar in content.contexts) == sum(ring.size for ring in rings)
    assert sum(int(bar.note) for bar in content.contexts) == len(rings)
    largest = sorted(rings, key=lambda ring: (-ring.size, ring.ring_id))[:5]
    assert [page.ring for page in content.rings][:5] == largest
    assert len({page.ring.ring_id for page in content.rings}) == len(content.rings)
    assert any("new in" in page.why for page in content.rings)
    by_name = {one.name: one for one in content.trends}
    assert by_name["rings"].values == tuple(run.counts["rings"] for run in reversed(content.rows))
    assert by_name["churn"].share


def test_pictures_show_the_links_of_the_ring(site: Site, content: Content) -> None:
    with site.open() as store:
        for page in content.rings:
            links = store.ring_links(page.ring.ring_id)
            members = store.members(page.ring.ring_id)
            assert page.picture.whole
            assert {(node.account_id, node.role) for node in page.picture.nodes} == {
                (one.account_id, one.role.value) for one in members
            }
            assert len(page.picture.edges) == len(links)
            assert all(0 < node.x < WIDTH and 0 < node.y < HEIGHT for node in page.picture.nodes)
            assert len({(node.x, node.y) for node in page.picture.nodes}) == len(members)
        again = picture(store, content.rings[0].ring.ring_id)
    assert again == content.rings[0].picture


def test_waterfalls_end_at_the_bits_of_the_link(content: Content) -> None:
    for page in content.rings:
        assert page.example is not None
        total = next(bar for bar in page.waterfall if bar.kind == "total")
        assert total.value == page.example.bits
        assert total.value == pytest.approx(sum(one.counted for one in page.example.facets))
        steps = [bar for bar in page.waterfall if bar.kind in {facet.value for facet in Facet}]
        ends = [(bar.x, bar.x + bar.width) for bar in steps]
        assert all(one[1] == pytest.approx(two[0], abs=0.05) for one, two in itertools.pairwise(ends))
        assert all(0 <= bar.x <= bar.x + bar.width <= 100.02 for bar in page.waterfall)


def test_a_waterfall_of_no_link_stays_in_its_room() -> None:
    bars = waterfall(Evidence("a", "b", -12.0, (), (), 0.0, 16.0, ""))
    assert [round(bar.x + bar.width) for bar in bars] == [43, 43, 100]


def test_a_line_of_equal_or_no_values_is_flat() -> None:
    assert line("x", [0.0, 0.0]).points == "0.00,100.00 100.00,100.00"
    assert line("x", [5.0]).points == "0.00,4.00"


def test_the_page_loads_nothing_and_runs_nothing(content: Content) -> None:
    page = render(content)
    assert not re.search(r"<(script|iframe|object|embed|base|form)\b|\son\w+=|\sstyle=|javascript:|@import|url\(", page)
    assert re.findall(r'(?:src|href)="([^"#][^"]*)"', page) == ["data:,"]
    assert "default-src 'none'" in page


def test_what_comes_from_the_facts_is_text(tmp_path: Path) -> None:
    nasty = "</title><script>alert(1)</script>"
    store = _published(tmp_path, 6, nasty)
    page = render(gather(store, lambda _, pairs: [None] * len(pairs)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_ring_of_twenty_thousand_is_sampled_and_says_so(tmp_path: Path) -> None:
    store = _published(tmp_path, LARGE)
    content = gather(store, lambda _, pairs: [None] * len(pairs))
    shown = content.rings[0].picture
    assert (len(shown.nodes), shown.accounts, shown.whole) == (SHOWN, LARGE, False)
    assert 0 < len(shown.edges) <= EDGES
    assert shown.alone == 0
    page = render(content)
    assert f"A sample: {SHOWN} of {LARGE:,} accounts" in page
    assert len(page) < 200_000


def test_an_unpublished_store_and_a_file_that_cannot_be_written_are_clear_errors(site: Site, tmp_path: Path) -> None:
    empty = WorkingFile(tmp_path / "empty.duckdb", Settings())
    with empty.lock(), empty.write():
        pass
    with DuckDBStore(empty) as store, pytest.raises(NotFound, match="linkage detect"):
        told(site, store)
    (tmp_path / "file").write_text("")
    with site.open() as store, pytest.raises(StoreError, match="cannot be written"):
        write(site, store, tmp_path / "file" / "page.html")


def test_colours_can_be_read(content: Content) -> None:
    style = render(content).split("<style>")[1].split("</style>")[0]
    dark = dict(re.findall(r"--(\w+): (#\w{6})", style.split("(prefers-color-scheme: dark)")[1].split("* {")[0]))
    light = dict(re.findall(r"--(\w+): (#\w{6})", style.split("@media")[0]))
    for colours in (light, dark):
        for ground in ("ground", "raised"):
            for name in ("text", "soft", "accent"):
                assert contrast(colours[name], colours[ground]) >= 4.5, name
            for facet in Facet:
                assert contrast(colours[facet.value], colours[ground]) >= 3.0, facet


def contrast(one: str, two: str) -> float:
    """Returns the contrast of two colours by WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _published(folder: Path, size: int, name: str = "account") -> DuckDBStore:
    """Returns a store with one ring of so many accounts, each linked to the next four."""
    working = WorkingFile(folder / "linkage.duckdb", Settings())
    with working.lock(), working.write() as con:
        con.execute(
            "INSERT INTO account SELECT i, i, ? || i, NULL, 'active', NULL, NULL, NULL, NULL, 1 FROM range(?) t(i)",
            [name, size],
        )
        con.execute(
            "INSERT INTO link SELECT i, i + d, 30000 - d, 0, 10000, 20000 - d, 0, 0, 0, 1, 0, 0 "
            "FROM range(?) t(i), range(1, 5) s(d) WHERE i + d < ?",
            [size, size],
        )
    store = DuckDBStore(working)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    ring = Ring("ring-1", RingStatus.ACTIVE, size, 9.5, now, now, "", "", (Facet.CONTENT,), "vpn", 9)
    members = [Member("ring-1", f"{name}{number}", Role.CORE, 30.0, Facet.PAYMENT, now) for number in range(size)]
    run = Run("run-000001", now, now, {}, {"rings": 1, "members": size})
    with working.lock():
        store.publish(Publication(run, [ring], members, []))
    return store
