"""`assess` of the API is the attach job's answer, by POST alone, and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linkage.jobs.attach import Attacher
from linkage.model.rings import Role
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect

from .conftest import World

QUERY = """query ($s: SignUp!) { assess(signUp: $s) { runId needed identifiers known
    rings { ringId links bits facets { facet bits } ring { size } }
    accounts { accountId linked bits grade role node { status } facets { counted } things(first: 3) { kind bits
        } } } }"""
NAMES = {"payment_id": "paymentId", "prompt_fingerprint": "promptFingerprint"}
TAKEN = {
    "payments": ("payment_id", "at", "kind", "bin", "issuer", "country"),
    "identifiers": ("kind", "value", "at"),
    "requests": ("at", "ip", "prompt", "prompt_fingerprint", "n"),
}


@pytest.fixture(scope="module")
def facts(world: World) -> dict[str, list[dict[str, Any]]]:
    """The facts of the member of the strongest ring with the fewest requests, without its name."""
    with world.site.open() as store:
        core = [one.account_id for one in store.members(store.rings(1)[0].ring_id) if one.role is Role.CORE]
        account = min(core, key=lambda one: (store.accounts([one])[one].requests, one))
    found = {}
    for table, columns in TAKEN.items():
        rows = pd.read_parquet(world.facts / f"{table}.parquet", filters=[("account_id", "=", account)])
        kept = rows[[name for name in columns if name in rows]].head(100)
        as_json = json.loads(kept.to_json(orient="records", date_format="iso"))
        found[table] = [{name: value for name, value in row.items() if value is not None} for row in as_json]
    return found


def test_a_sign_up_is_weighed_as_the_job_does_it(
    world: World, facts: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    sign_up = {
        table: [{NAMES.get(name, name): value for name, value in row.items()} for row in rows]
        for table, rows in facts.items()
    }
    with world.site.open() as store, Attacher(world.site, store) as attacher:
        expected = attacher.attach(facts)
    audit = tmp_path / "audit.jsonl"
    with connect(world.site, ServeSettings(audit=audit)) as client:
        body = {"query": QUERY, "variables": {"s": sign_up}}
        answer = client.post("/graphql", json=body).json()
        assert "errors" not in answer, answer["errors"]
        found = answer["data"]["assess"]
        kept = client.app.state.service._executor._replies._kept  # type: ignore[attr-defined] # a Starlette application
        assert len(kept) == 0
    assert expected.rings
    assert [(one["ringId"], one["links"], one["bits"]) for one in found["rings"]] == [
        (one.ring_id, one.links, one.bits) for one in expected.rings
    ]
    assert [(one["accountId"], one["linked"], one["bits"]) for one in found["accounts"]] == [
        (one.account_id, one.linked, one.evidence.bits) for one in expected.accounts
    ]
    assert (found["needed"], found["known"]) == (expected.needed, expected.known)
    assert found["accounts"][0]["things"]
    assert facts["payments"][0]["payment_id"] not in audit.read_text()


def test_a_sign_up_in_an_address_is_refused(world: World) -> None:
    with connect(world.site) as client:
        given = {"query": '{ assess(signUp: {emailDomain: "mail.example"}) { known } }'}
        assert client.get("/graphql", params=given).status_code == 405
        assert client.post("/graphql", json=given).json()["data"]["assess"]["known"] >= 0
        many = {"identifiers": [{"kind": "device", "value": str(number)} for number in range(501)]}
        refused = client.post("/graphql", json={"query": QUERY, "variables": {"s": many}}).json()
        assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        bad = {"requests": [{"at": "2026-03-01T00:00:00Z", "ip": "203.0.113.999"}]}
        wrong = client.post("/graphql", json={"query": QUERY, "variables": {"s": bad}}).json()
        assert wrong["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "203.0.113" not in str(wrong)


@pytest.mark.parametrize("value", ['"\\ud83d"', "[" * 3_000 + "]" * 3_000, '["secret"]'])
def test_a_sign_up_that_is_no_text_is_the_senders_fault(world: World, value: str) -> None:
    body = f'{{"query": "{" ".join(QUERY.split())}", "variables": {{"s": {{"emailDomain": {value}}}}}}}'
    with connect(world.site) as client:
        answer = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400)
    assert answer.json()["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
