"""Decisions through the API: kept once, by whom, at a version; and runs that are started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from linkage.jobs.load import load
from linkage.jobs.site import Site
from linkage.model.decisions import Ruling
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.settings import ServeSettings
from linkage.settings import Settings
from linkage.simulate import simulate
from tests.serve.conftest import connect
from tests.serve.test_streams import PROTOCOL, URL, hello, subscribe

Run = Callable[..., dict[str, Any]]
PAYLOAD = (
    "{ decision { decisionId version ruling author reason holds accountCount ringId revokedBy }"
    " userErrors { field code message } }"
)
VERDICT = f"mutation ($i: VerdictInput!) {{ setVerdict(input: $i) {PAYLOAD} }}"
REVOKE = f"mutation ($i: RevokeInput!) {{ revokeDecision(input: $i) {PAYLOAD} }}"


@pytest.fixture
def client(fresh: Site) -> Iterator[TestClient]:
    with connect(fresh) as found:
        yield found


@pytest.fixture
def run(client: TestClient) -> Run:
    def post(query: str, **variables: Any) -> dict[str, Any]:
        found = client.post("/graphql", json={"query": query, "variables": variables}).json()
        assert "errors" not in found, found["errors"]
        data: dict[str, Any] = next(iter(found["data"].values()))
        return data

    return post


def verdict(**other: Any) -> dict[str, Any]:
    return {"account": "acct-001", "confirmed": True, "reason": "seen", "idempotencyKey": "case-1"} | other


def test_a_verdict_is_kept_once_under_its_key(run: Run, fresh: Site) -> None:
    made = run(VERDICT, i=verdict())
    assert made["userErrors"] == []
    assert made["decision"] == {
        "decisionId": made["decision"]["decisionId"],
        "version": 1,
        "ruling": "CONFIRMED",
        "author": "local",
        "reason": "seen",
        "holds": True,
        "accountCount": 1,
        "ringId": None,
        "revokedBy": None,
    }
    assert run(VERDICT, i=verdict()) == made
    other = run(VERDICT, i=verdict(account="acct-002"))
    assert (other["decision"], other["userErrors"][0]["code"]) == (None, "CONFLICT")
    assert other["userErrors"][0]["field"] == ["input", "idempotencyKey"]
    with fresh.open() as store:
        (kept,) = store.decisions()
    assert (kept.ruling, kept.accounts) == (Ruling.CONFIRMED, ("acct-001",))


def test_a_ring_is_judged_with_its_members(run: Run) -> None:
    made = run(VERDICT, i=verdict(account=None, ring="ring-b"))["decision"]
    assert (made["ringId"], made["ruling"], made["accountCount"]) == ("ring-b", "CONFIRMED", 5)
    assert run(VERDICT, i=verdict(account=None, ring="ring-b"))["decision"] == made
    none = run(VERDICT, i=verdict(account=None, ring="ring-c", confirmed=False, idempotencyKey="case-2"))["decision"]
    assert none["ruling"] == "REJECTED"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"account": "nobody"}, "NOT_FOUND"),
        ({"account": None, "ring": "none"}, "NOT_FOUND"),
        ({"account": None}, "INVALID"),
        ({"ring": "ring-a"}, "INVALID"),
        ({"reason": " "}, "INVALID"),
        ({"expires": "2001-01-01T00:00:00Z"}, "INVALID"),
    ],
)
def test_what_cannot_be_is_said_and_not_kept(run: Run, fresh: Site, wrong: dict[str, Any], code: str) -> None:
    found = run(VERDICT, i=verdict(**wrong))
    assert (found["decision"], [error["code"] for error in found["userErrors"]]) == (None, [code])
    with fresh.open() as store:
        assert store.decisions() == []


def test_links_and_allowances_and_what_contradicts_them(run: Run) -> None:
    def say(field: str, key: str, *accounts: str) -> dict[str, Any]:
        mutation = f"mutation ($i: AccountsInput!) {{ {field}(input: $i) {PAYLOAD} }}"
        return run(mutation, i={"accounts": list(accounts), "reason": "seen", "idempotencyKey": key})

    assert say("mustLink", "1", "acct-001", "acct-002")["decision"]["ruling"] == "MUST_LINK"
    assert say("cannotLink", "2", "acct-001", "acct-121")["decision"]["ruling"] == "CANNOT_LINK"
    assert say("allow", "3", "acct-140")["decision"]["ruling"] == "ALLOWED"
    against = say("cannotLink", "4", "acct-002", "acct-001")
    assert (against["decision"], against["userErrors"][0]["code"]) == (None, "INVALID")
    assert say("mustLink", "5", "acct-001")["userErrors"][0]["code"] == "INVALID"
    listed = run("{ decisions { ruling accounts { accountId } ring { ringId } } }")
    assert [one["ruling"] for one in listed] == ["ALLOWED", "CANNOT_LINK", "MUST_LINK"]  # type: ignore[call-overload]
    assert listed[0]["accounts"] == [{"accountId": "acct-140"}]  # type: ignore[index] # a list


def test_accounts_are_labelled(run: Run) -> None:
    def say(label: str, key: str) -> dict[str, Any]:
        mutation = f"mutation ($i: LabelInput!) {{ setLabel(input: $i) {PAYLOAD} }}"
        given = {"accounts": ["acct-001", "acct-140"], "label": label, "reason": "seen", "idempotencyKey": key}
        return run(mutation, i=given | {"expires": "2999-01-01T00:00:00Z"})

    made = say("ABUSE", "1")
    assert (made["decision"]["ruling"], made["decision"]["accountCount"]) == ("ABUSE", 2)
    assert say("ABUSE", "1") == made
    against = say("BENIGN", "2")
    assert (against["decision"], against["userErrors"][0]["code"]) == (None, "INVALID")


def test_a_decision_is_taken_back_at_the_version_that_was_read(run: Run) -> None:
    made = run(VERDICT, i=verdict())["decision"]
    wrong = run(REVOKE, i={"decisionId": made["decisionId"], "version": 7})
    assert (wrong["decision"], wrong["userErrors"][0]["code"]) == (None, "CONFLICT")
    assert run(REVOKE, i={"decisionId": "none", "version": 1})["userErrors"][0]["code"] == "NOT_FOUND"
    back = run(REVOKE, i={"decisionId": made["decisionId"], "version": 1})["decision"]
    assert (back["version"], back["holds"], back["revokedBy"]) == (2, False, "local")
    assert run("{ decisions { decisionId } }") == []
    assert len(run("{ decisions(every: true) { decisionId } }")) == 1


def test_a_reply_from_before_a_change_is_not_given_again(run: Run) -> None:
    assert run("{ decisions { reason } }") == []
    run(VERDICT, i=verdict())
    assert run("{ decisions { reason } }") == [{"reason": "seen"}]


def test_the_author_is_who_sent_it_and_roles_decide_who_may(fresh: Site, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    made = {role: keys.make(role, role, 1) for role in ("viewer", "analyst", "operator", "admin")}
    accounts = {"accounts": ["acct-001", "acct-002"], "reason": "seen", "idempotencyKey": "k"}
    label = accounts | {"label": "ABUSE", "idempotencyKey": "l"}
    may = {
        f"mutation ($i: LabelInput!) {{ setLabel(input: $i) {PAYLOAD} }}": ("analyst", {"i": label}),
        VERDICT: ("analyst", {"i": verdict()}),
        f"mutation ($i: AccountsInput!) {{ mustLink(input: $i) {PAYLOAD} }}": ("operator", {"i": accounts}),
        REVOKE: ("admin", {"i": {"decisionId": "none", "version": 1}}),
    }
    with connect(fresh, ServeSettings(keys=keys.path)) as client:
        for query, (least, variables) in may.items():
            allowed = False
            for role, (key, secret) in made.items():
                allowed = allowed or role == least
                answer = client.post(
                    "/graphql",
                    json={"query": query, "variables": variables},
                    headers={"Authorization": f"Bearer {secret}", "Accept": "application/graphql-response+json"},
                )
                assert answer.status_code == (200 if allowed else 403)
                decision = allowed and next(iter(answer.json()["data"].values()))["decision"]
                assert not decision or decision["author"] == f"key {key.key_id}"


@pytest.mark.parametrize("wrong", [{"idempotencyKey": ""}, {"idempotencyKey": "x" * 256}, {"reason": "x" * 2001}])
def test_too_much_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = client.post("/graphql", json={"query": VERDICT, "variables": {"i": verdict(**wrong)}}).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_run_is_started_and_told_to_its_end(tmp_path: Path) -> None:
    simulate(tmp_path / "world", 2000, 7)
    site = Site(Settings(store=f"duckdb:{tmp_path / 'a.duckdb'}"))
    load(site, tmp_path / "world" / "facts")
    start = "mutation { startRun { started userErrors { code message } } }"
    with connect(site, ServeSettings(pause_s=0.05, fresh_s=0.0)) as client:
        with Site(site.settings).working.lock():
            busy = client.post("/graphql", json={"query": start}).json()["data"]["startRun"]
            assert (busy["started"], busy["userErrors"][0]["code"]) == (False, "BUSY")
        assert client.post("/graphql", json={"query": start}).json()["data"]["startRun"]["started"] is True
        again = client.post("/graphql", json={"query": start}).json()["data"]["startRun"]  # it has no lock yet
        assert (again["started"], again["userErrors"][0]["code"]) == (False, "BUSY")
        with client.websocket_connect(URL, PROTOCOL) as socket:
            hello(socket)
            subscribe(socket, "1", "subscription { runProgress { line at level message exitStatus } }")
            notes = []
            while (message := socket.receive_json())["type"] == "next":
                notes.append(message["payload"]["data"]["runProgress"])
            assert message["type"] == "complete"
            subscribe(socket, "2", "subscription ($n: Int!) { runProgress(after: $n) { line } }", n=len(notes) - 1)
            last = socket.receive_json()
            assert last["payload"]["data"]["runProgress"] == {"line": len(notes)}, (last, notes)
        assert [note["line"] for note in notes] == list(range(1, len(notes) + 1))
        assert (notes[-1]["message"], notes[-1]["exitStatus"]) == ("finished", 0)
        assert [note["message"] for note in notes].count("started") == 1
        assert any(note["message"].startswith("linking") for note in notes)
        assert client.post("/graphql", json={"query": "{ run { runId } }"}).json()["data"]["run"]["runId"]


def test_a_service_without_jobs_changes_nothing(fresh: Site) -> None:
    from linkage.serve.app import create_app

    app = create_app(fresh.open, lambda _, pairs: [None for _ in pairs])
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post("/graphql", json={"query": VERDICT, "variables": {"i": verdict()}}).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
