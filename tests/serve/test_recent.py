"""What was read lately: of one run, for a short time, in a bounded space, and never from before a change."""

from __future__ import annotations

import asyncio
from typing import Any

from linkage.jobs.site import Site
from linkage.serve.batches import Batches
from linkage.serve.recent import Recent
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_remembered_for_its_time_and_never_longer() -> None:
    clock = Clock()
    memory = Recent(10, clock).of("run-1")
    ages: list[float] = []
    for start in range(0, 70, 7):  # wherever in a layer it is kept
        memory.keep("account", {start: "a"})
        kept = clock.now
        while memory.found("account", [start]):
            ages.append(clock.now - kept)
            clock.now += 0.5
    assert max(ages) < 10
    assert min(max(ages), 5) == 5


def test_what_nobody_asked_for_meanwhile_is_forgotten_as_well() -> None:
    clock = Clock()
    memory = Recent(10, clock).of("run-1")
    memory.keep("account", {1: "a"})
    clock.now += 9.9
    assert memory.found("account", [1]) == {1: "a"}
    clock.now += 0.1
    assert memory.found("account", [1]) == {}


def test_readers_and_runs_are_apart_and_a_change_forgets_all() -> None:
    recent = Recent(10, Clock())
    memory = recent.of("run-1")
    memory.keep("account", {"x": 1})
    assert memory.found("ring", ["x"]) == {}
    assert recent.of("run-1").found("account", ["x", "y"]) == {"x": 1}
    recent.forget()
    assert recent.of("run-1").found("account", ["x"]) == {}
    memory.keep("account", {"x": 2})  # it was being read when all was forgotten
    assert recent.of("run-1").found("account", ["x"]) == {}
    assert recent.of("run-2").found("account", ["x"]) == {}


def test_what_the_store_has_not_changed_since_does_not_age_and_a_change_ends_it() -> None:
    clock = Clock()
    recent = Recent(10, clock)
    before = recent.of("run-1", "a")
    before.keep("account", {1: "old"})
    for _ in range(100):
        clock.now += 4.9
        assert recent.of("run-1", "a").found("account", [1]) == {1: "old"}
    assert recent.of("run-1", "b").found("account", [1]) == {}
    before.keep("account", {1: "old"})  # it was being read while the store was changed
    assert recent.of("run-1", "b").found("account", [1]) == {}
    assert recent.of("run-1", "a").found("account", [1]) == {}
    unmarked = recent.of("run-1", "")
    unmarked.keep("account", {1: "old"})
    clock.now += 10
    assert recent.of("run-1", "").found("account", [1]) == {}


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    memory = Recent(1e9, Clock(), most=100).of("run-1")
    for at in range(1_000):
        memory.keep("uses", {at: [0] * 9})
    held = [at for at in range(1_000) if memory.found("uses", [at])]
    assert 10 <= len(held) <= 22
    assert held[-1] == 999


def test_no_time_is_no_memory() -> None:
    memory = Recent(0).of("run-1")
    memory.keep("account", {1: "a"})
    assert memory.found("account", [1]) == {}


def test_only_what_is_not_remembered_is_read() -> None:
    calls: list[list[int]] = []

    async def read(keys: list[int]) -> list[int]:
        calls.append(keys)
        return [key * key for key in keys]

    async def ask(memory: Any, keys: list[int]) -> list[int]:
        batches = Batches(read, name="squares")
        batches.remember(memory)
        return await batches.load_many(keys)

    memory = Recent(1e9, Clock()).of("run-1")
    assert asyncio.run(ask(memory, [1, 2, 1])) == [1, 4, 1]
    assert asyncio.run(ask(memory, [3, 2, 1])) == [9, 4, 1]
    assert asyncio.run(ask(memory, [2])) == [4]
    assert calls == [[1, 2], [3]]


RING = '{ ring(id: "ring-b") { %s members { nodes { accountId identifiers { nodes { key } } } } } }'


def reads(client: Any, query: str) -> int:
    """Returns how many points the visits to the store cost, beside those of the values."""
    answer = client.post("/graphql", json={"query": query}).json()
    assert "errors" not in answer
    return int(answer["extensions"]["cost"]["actual"])


def test_another_question_about_the_same_ring_costs_no_visit_to_the_store(fresh: Site) -> None:
    with connect(fresh, ServeSettings(fresh_s=1e9, keep_s=1e9)) as client:
        first, second = reads(client, RING % "size"), reads(client, RING % "score")
        assert first - second >= 20  # a visit is ten points
        decide = "mutation ($i: VerdictInput!) { setVerdict(input: $i) { decision { version } } }"
        verdict = {"account": "acct-121", "confirmed": False, "reason": "seen", "idempotencyKey": "case-1"}
        decided = client.post("/graphql", json={"query": decide, "variables": {"i": verdict}}).json()
        assert decided["data"]["setVerdict"]["decision"]["version"] == 1
        assert reads(client, RING % "requests") >= second + 20
