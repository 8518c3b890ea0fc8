"""Exports: whole tables as files, to be had by whoever holds a link that is good."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from linkage.errors import LockHeld, SettingsError, StoreUnavailable
from linkage.jobs.site import Site
from linkage.serve import exports as module
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.exports import Exports
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect

START = """mutation ($f: ExportFormat!, $t: [ExportTable!]!) { startExport(format: $f, tables: $t) {
    export { exportId state files { path } } userErrors { code } } }"""
FIND = "query ($id: ID!) { export(id: $id) { state format files { table rows bytes path expires } } }"


@pytest.fixture
def client(fresh: Site) -> Iterator[TestClient]:
    with connect(fresh) as found:
        yield found


def ready(client: TestClient, form: str, *tables: str, **headers: str) -> list[dict[str, Any]]:
    """Starts an export and returns its files once it is ready."""
    body = {"query": START, "variables": {"f": form, "t": list(tables)}}
    made = client.post("/graphql", json=body, headers=headers).json()["data"]["startExport"]
    assert made["userErrors"] == []
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        body = {"query": FIND, "variables": {"id": made["export"]["exportId"]}}
        found = client.post("/graphql", json=body, headers=headers | {"cache-control": "no-cache"}).json()
        if found["data"]["export"]["state"] != "RUNNING":
            assert found["data"]["export"]["state"] == "READY"
            files: list[dict[str, Any]] = found["data"]["export"]["files"]
            return files
        time.sleep(0.1)
    raise AssertionError("the export does not end")


def test_ndjson_has_a_line_for_each_row(client: TestClient) -> None:
    rings, members = ready(client, "NDJSON", "RINGS", "MEMBERS")
    assert (rings["table"], rings["rows"], members["table"], members["rows"]) == ("RINGS", 3, "MEMBERS", 130)
    answer = client.get(rings["path"])
    assert answer.headers["content-disposition"] == 'attachment; filename="rings.ndjson"'
    assert len(answer.content) == rings["bytes"]
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [(row["ring_id"], row["size"]) for row in rows] == [("ring-a", 110), ("ring-b", 5), ("ring-c", 5)]
    assert rows[0]["first_seen"] == "2026-03-01T12:00:00Z"


def test_parquet_is_the_same_table(client: TestClient) -> None:
    links, events = ready(client, "PARQUET", "LINKS", "EVENTS")
    table = pq.read_table(io.BytesIO(client.get(links["path"]).content))
    assert table.num_rows == links["rows"] > 0
    assert pq.read_table(io.BytesIO(client.get(events["path"]).content)).num_rows == 3


def test_only_a_whole_link_that_has_not_expired_is_good(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = ready(client, "NDJSON", "RINGS")
    path = file["path"]
    name, _, query = path.partition("?")
    wrong = [
        name,
        path[:-1],
        path.replace("rings.ndjson", "state.json"),
        path.replace("rings.ndjson", "..%2Fstate.json"),
        path.replace("expires=", "expires=9"),
        path.replace("export-", "export-0"),
        f"{name}?expires=x&{query.partition('&')[2]}",
    ]
    for other in wrong:
        assert client.get(other).status_code in (403, 404), other
    assert client.get(path).status_code == 200
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + module.LINK_S + 1)
    assert client.get(path).status_code == 403


def test_who_has_a_link_needs_no_key_and_who_starts_one_needs_a_role(fresh: Site, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys")
    secrets = {role: keys.make(role, role, 1)[1] for role in ("analyst", "operator")}
    with connect(fresh, ServeSettings(keys=keys.path, keep_s=0.0)) as client:
        body = {"query": START, "variables": {"f": "NDJSON", "t": ["RINGS"]}}
        refused = client.post("/graphql", json=body, headers={"authorization": f"Bearer {secrets['analyst']}"}).json()
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        (file,) = ready(client, "NDJSON", "RINGS", authorization=f"Bearer {secrets['operator']}")
        assert client.get(file["path"]).status_code == 200


def test_what_cannot_be_exported_is_said(client: TestClient) -> None:
    for tables in ([], ["RINGS", "RINGS"]):
        answer = client.post("/graphql", json={"query": START, "variables": {"f": "NDJSON", "t": tables}}).json()
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for unknown in ("export-" + "0" * 24, "../../etc"):
        found = client.post("/graphql", json={"query": FIND, "variables": {"id": unknown}}).json()
        assert found["data"]["export"] is None


def test_exports_wait_for_each_other_fail_on_their_own_and_go_after_a_day(tmp_path: Path) -> None:
    def write(folder: Path, form: str, tables: Any) -> dict[str, int]:
        if form == "parquet":
            raise StoreUnavailable("away")
        (folder / f"{tables[0]}.{form}").write_text("{}")
        return {tables[0]: 1}

    exports = Exports(tmp_path, b"0123456789abcdef", write)
    failing, good = exports.start("parquet", ["rings"]), exports.start("ndjson", ["rings"])
    exports._jobs.submit(lambda: None).result(timeout=30)  # one is written at a time, so that both are done
    states = [exports.find(one.export_id) for one in (failing, good)]
    assert [one and one.state for one in states] == ["failed", "ready"]
    exports.close()
    again = Exports(tmp_path, b"0123456789abcdef", write)
    again._waiting = module.MOST_WAITING
    with pytest.raises(LockHeld):
        again.start("ndjson", ["rings"])
    again._waiting = 0
    state = tmp_path / good.export_id / "state.json"
    state.write_text(state.read_text().replace(str(good.made), str(good.made - module.KEPT_S - 1)))
    again._jobs.submit(time.sleep, 0.5)
    given_up = again.start("ndjson", ["rings"])
    again.close()
    found = again.find(given_up.export_id)
    assert found is not None
    assert found.state == "failed"
    assert again.find(good.export_id) is None
    assert again.find(failing.export_id) is not None


def test_without_a_secret_there_are_no_exports(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        ServeSettings(exports=tmp_path)
