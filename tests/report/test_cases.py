"""The cases of a simulated world: they hold what the model says, and are the same by all ways that tell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from linkage.cli import cli
from linkage.cli.serve import explain
from linkage.client import ApiError, Client
from linkage.explore import Belonging, Cohesion
from linkage.jobs.cases import cases, member_case, ring_case
from linkage.jobs.explain import explainer
from linkage.jobs.site import Site
from linkage.model.rings import Role
from linkage.report import gather
from tests.serve.test_server import serving


@pytest.fixture(scope="module")
def ring(site: Site) -> Cohesion:
    """The case of the largest ring."""
    with site.open() as store:
        largest = max(store.rings(1000), key=lambda one: (one.size, one.ring_id))
        found = ring_case(store, largest.ring_id, site.settings)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def members(site: Site, ring: Cohesion) -> list[Belonging]:
    """The cases of some of its accounts: weak ones and strong ones."""
    with site.open() as store:
        strong = [one.account_id for one in store.members(ring.ring_id, 2)]
        ids = [*strong, *(one.account_id for one in ring.weakest[-3:]), ring.weakest[0].account_id]
        found = [member_case(store, account_id, site.settings) for account_id in dict.fromkeys(ids)]
    return [one for one in found if one is not None]


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[Client]:
    with serving(site) as (_, address), Client(f"{address}/graphql") as found:
        yield found


def test_what_frees_an_account_leaves_it_no_link(site: Site, members: list[Belonging]) -> None:
    freed = 0
    with site.open() as store:
        for case in members:
            lost = {thing.key for thing in case.freeing.things}
            others = [one.account_id for one in case.vouchers]
            judge = explainer(store, [case.account_id, *others], site.settings)
            for other in others:
                things = judge.things(case.account_id, other)
                assert judge.judged(case.account_id, other, things).grade == "behaviour"
                left = [thing for thing in things if thing.key not in lost]
                assert judge.judged(case.account_id, other, left).grade != "behaviour"
                freed += 1
            assert case.freeing.at_least <= len(case.freeing.things)
    assert freed > 5


def test_the_strongest_link_is_the_published_one(site: Site, members: list[Belonging]) -> None:
    with site.open() as store:
        for case in members:
            if case.vouchers:
                ring = {one.account_id for one in store.members(case.ring_id) if one.role is not Role.BYSTANDER}
                links = [link for link in store.links(case.account_id) if {link.account_a, link.account_b} <= ring]
                best = max(link.bits for link in links if link.grade == "behaviour")
                assert case.strongest is not None
                assert case.strongest.bits == pytest.approx(best, abs=0.01)
                assert case.vouchers[0].bits == case.strongest.bits


def test_a_bystander_is_said_to_be_one(site: Site) -> None:
    with site.open() as store:
        beside = store.all_members([Role.BYSTANDER])
        assert beside
        case = member_case(store, beside[0].account_id, site.settings)
    assert case is not None
    assert case.against[-1].startswith("it is a bystander")
    assert case.vouchers == ()


def test_an_account_in_no_ring_has_no_case(site: Site) -> None:
    with site.open() as store:
        assert member_case(store, "nobody", site.settings) is None
        assert ring_case(store, "none", site.settings) is None


def run(site: Site, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["--store", site.settings.store, "--json", *words])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def plain(record: object) -> Any:
    """Returns a record as JSON has it."""
    return json.loads(json.dumps(asdict(record), default=str))  # type: ignore[call-overload] # a dataclass


def keys(things: pd.DataFrame) -> list[tuple[str, str, int]]:
    return [(one.kind, one.key, one.members) for one in things.fillna({"key": ""}).itertuples()]


def told(things: Any) -> list[tuple[str, str, int]]:
    return [(one.kind, one.key, one.members) for one in things]


def test_a_member_is_told_alike_everywhere(site: Site, client: Client, members: list[Belonging]) -> None:
    for case in members:
        printed = run(site, "why", case.account_id)
        assert {name: printed[name] for name in plain(case)} == plain(case)
        found = client.why_member(case.account_id)
        assert keys(found.things) == told(case.things[:100])
        assert keys(found.freeing) == told(case.freeing.things)
        assert found.freeing.attrs == {"atLeast": case.freeing.at_least, "exact": case.freeing.exact}
        assert list(found.vouchers.account_id) == [one.account_id for one in case.vouchers]
        assert found.against == list(case.against)
        assert list(found.fragility.links) == [one.links for one in case.fragility]
        if case.strongest:
            assert found.strongest.attrs["bits"] == case.strongest.bits
            assert list(found.strongest.bits) == [one.bits for one in case.strongest.things[:100]]


def test_a_ring_is_told_alike_everywhere(site: Site, client: Client, ring: Cohesion) -> None:
    assert run(site, "ring", ring.ring_id, "--why")["why"] == plain(ring)
    assert "why" not in run(site, "ring", ring.ring_id)
    found = client.why_ring(ring.ring_id)
    assert keys(found.things) == told(ring.things)
    assert [tuple(one) for one in found.bridges.account_ids] == [one.accounts for one in ring.bridges]
    assert list(found.weakest.account_id) == [one.account_id for one in ring.weakest]
    assert list(found.fragility.members) == [one.members for one in ring.fragility]
    assert found.cut is not None
    assert ring.cut is not None
    assert found.cut["bits"] == ring.cut.bits
    assert found.against == list(ring.against)


def test_the_page_has_the_same(site: Site, ring: Cohesion, folder: Path) -> None:
    with site.open() as store:
        content = gather(store, lambda store, pairs: explain(site.settings, store, pairs), cases=cases(site.settings))
        (page,) = [one for one in content.rings if one.ring.ring_id == ring.ring_id]
        assert page.case == ring
        assert page.weakest == member_case(store, ring.weakest[0].account_id, site.settings)
    text = (site.working.beside(".nights") / "report.html").read_text()
    for sentence in ring.against:
        assert sentence in text
    for thing in ring.things:
        assert f"<code>{thing.key}</code>" in text


def test_what_is_unknown_is_said(site: Site, client: Client) -> None:
    for call in (lambda: client.why_member("nobody"), lambda: client.why_ring("none")):
        with pytest.raises(ApiError, match="NOT_FOUND"):
            call()
    done = CliRunner().invoke(cli, ["--store", site.settings.store, "why", "nobody"])
    assert "there is no «nobody»" in str(done.exception)


def test_tables_for_people_name_what_frees_and_what_holds(site: Site, ring: Cohesion, members: list[Belonging]) -> None:
    shown = CliRunner().invoke(cli, ["--store", site.settings.store, "ring", ring.ring_id, "--why"]).stdout
    for title in ("What holds it together", "Weakest members", "If a facet counted for nothing", "cheapest cut"):
        assert title in shown
    case = next(one for one in members if one.freeing.things)
    shown = CliRunner().invoke(cli, ["--store", site.settings.store, "why", case.account_id]).stdout
    assert all(f"against: {text}" in shown.replace("\n", " ") or len(text) > 100 for text in case.against)
    assert case.freeing.things[0].key in shown
