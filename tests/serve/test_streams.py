"""Subscriptions over WebSockets and server-sent events: each event once, in order, also after a break."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from linkage.jobs.site import Site
from linkage.serve.access.keyfile import KeyFile
from linkage.serve.settings import Limits, ServeSettings
from tests.serve import world
from tests.serve.conftest import connect

CHANGED = (
    "subscription ($after: String) { ringChanged(after: $after) { cursor node { runId ringId event ring { size } } } }"
)
URL = "ws://127.0.0.1/graphql"
PROTOCOL = ["graphql-transport-ws"]
QUICK = ServeSettings(fresh_s=0.0, pause_s=0.05)


@pytest.fixture
def client(fresh: Site) -> Iterator[TestClient]:
    with connect(fresh, QUICK) as found:
        yield found


def hello(socket: WebSocketTestSession, **payload: Any) -> None:
    socket.send_json({"type": "connection_init", "payload": payload})
    assert socket.receive_json() == {"type": "connection_ack"}


def subscribe(socket: WebSocketTestSession, name: str, query: str, **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    socket.send_json({"id": name, "type": "subscribe", "payload": payload})


def event(message: dict[str, Any], name: str = "1") -> dict[str, Any]:
    assert (message["type"], message["id"]) == ("next", name)
    found: dict[str, Any] = message["payload"]["data"]["ringChanged"]
    return found


def test_a_new_run_is_told_as_it_is_published(fresh: Site, client: TestClient) -> None:
    with client.websocket_connect(URL, PROTOCOL) as socket:
        hello(socket)
        subscribe(socket, "1", CHANGED)
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}
        time.sleep(0.3)
        world.publish(fresh, "run-2")
        found = [event(socket.receive_json()) for _ in range(3)]
        assert [(one["node"]["runId"], one["node"]["ringId"]) for one in found] == [
            ("run-2", f"ring-{letter}") for letter in "abc"
        ]
        assert found[0]["node"]["ring"] == {"size": 110}
        world.publish(fresh, "run-3")
        assert event(socket.receive_json())["node"]["runId"] == "run-3"
        socket.send_json({"id": "1", "type": "complete"})


def test_it_goes_on_behind_a_cursor(fresh: Site, client: TestClient) -> None:
    with client.websocket_connect(URL, PROTOCOL) as socket:
        hello(socket)
        first = client.post("/graphql", json={"query": "{ events(first: 1) { edges { cursor } } }"}).json()
        subscribe(socket, "1", CHANGED, after=first["data"]["events"]["edges"][0]["cursor"])
        seen = [event(socket.receive_json()) for _ in range(2)]
    world.publish(fresh, "run-2")
    with client.websocket_connect(URL, PROTOCOL) as socket:
        hello(socket)
        subscribe(socket, "1", CHANGED, after=seen[-1]["cursor"])
        seen += [event(socket.receive_json()) for _ in range(3)]
    assert [(one["node"]["runId"][-1], one["node"]["ringId"][-1]) for one in seen] == [
        ("1", "b"),
        ("1", "c"),
        ("2", "a"),
        ("2", "b"),
        ("2", "c"),
    ]


def test_a_query_over_a_socket_is_answered_once(client: TestClient) -> None:
    with client.websocket_connect(URL, PROTOCOL) as socket:
        hello(socket)
        subscribe(socket, "q", "{ run { runId } }")
        assert socket.receive_json()["payload"]["data"] == {"run": {"runId": "run-1"}}
        assert socket.receive_json() == {"type": "complete", "id": "q"}
        subscribe(socket, "w", "{ nothing }")
        refused = socket.receive_json()
        assert (refused["type"], refused["id"]) == ("error", "w")
        assert refused["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        subscribe(socket, "c", CHANGED, after="nonsense")
        assert socket.receive_json()["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        socket.send_json({"id": "p", "type": "subscribe", "payload": 7})
        assert socket.receive_json()["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "1", "payload": {}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "what"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "payload": {}}], 4400),
        ([{"type": "connection_init"}, *[{"type": "subscribe", "id": "1", "payload": {"query": CHANGED}}] * 2], 4409),
        (
            [{"type": "connection_init"}]
            + [{"type": "subscribe", "id": str(at), "payload": {"query": CHANGED}} for at in range(11)],
            4430,
        ),
    ],
)
def test_what_breaks_the_protocol_ends_the_connection(
    client: TestClient, messages: list[dict[str, Any]], code: int
) -> None:
    with client.websocket_connect(URL, PROTOCOL) as socket:
        for message in messages:
            socket.send_json(message)
        with pytest.raises(WebSocketDisconnect) as caught:
            all(iter(socket.receive_json, None))
        assert caught.value.code == code


def test_text_that_is_no_message_and_another_protocol_end_the_connection(client: TestClient) -> None:
    with client.websocket_connect(URL, PROTOCOL) as socket:
        socket.send_text("[" * 1000)
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
        assert caught.value.code == 4400
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(URL, ["graphql-ws"]):
        pass


def test_a_page_of_another_origin_opens_no_socket(client: TestClient) -> None:
    for origin in ("http://attacker.example", "null"):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(URL, PROTOCOL, headers={"origin": origin}),
        ):
            pass
    with client.websocket_connect(URL, PROTOCOL, headers={"origin": "http://127.0.0.1"}) as socket:
        hello(socket)


def test_who_asks_is_said_in_the_header_or_the_first_message(fresh: Site, tmp_path: Any) -> None:
    keys = KeyFile(tmp_path / "keys")
    _, viewer = keys.make("v", "viewer", 1)
    with connect(fresh, ServeSettings(keys=keys.path, fresh_s=0.0, pause_s=0.05)) as client:
        with client.websocket_connect(URL, PROTOCOL, headers={"authorization": f"Bearer {viewer}"}) as socket:
            hello(socket)
            subscribe(socket, "1", '{ account(id: "acct-001") { country } }')
            assert socket.receive_json()["payload"][0]["extensions"]["code"] == "FORBIDDEN"
        with client.websocket_connect(URL, PROTOCOL) as socket:
            hello(socket, Authorization=f"Bearer {viewer}")
            subscribe(socket, "1", "{ run { runId } }")
            assert socket.receive_json()["payload"]["data"] == {"run": {"runId": "run-1"}}
        for payload in ({}, {"Authorization": "Bearer x"}, {"Authorization": 7}):
            with client.websocket_connect(URL, PROTOCOL) as socket:
                socket.send_json({"type": "connection_init", "payload": payload})
                with pytest.raises(WebSocketDisconnect) as caught:
                    socket.receive_json()
                assert caught.value.code == 4401
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(URL, PROTOCOL, headers={"authorization": "Bearer x"}),
        ):
            pass


def _events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in block.splitlines())
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"]) if lines.get("data") else None))
    return found


def test_events_are_sent_by_http_until_the_service_ends(fresh: Site) -> None:
    with connect(fresh, QUICK) as client:
        service = client.app.state.service  # type: ignore[attr-defined] # a Starlette application

        def change() -> None:
            time.sleep(0.3)
            world.publish(fresh, "run-2")
            time.sleep(0.5)
            service.draining = True

        changing = threading.Thread(target=change)
        changing.start()
        answer = client.post("/graphql", json={"query": CHANGED}, headers={"accept": "text/event-stream"})
        changing.join()
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = _events(answer.text)
        assert [kind for kind, _ in found] == ["next", "next", "next", "complete"]
        assert [data["data"]["ringChanged"]["node"]["runId"] for _, data in found[:3]] == ["run-2"] * 3
        assert (client.get("/health/ready").status_code, client.get("/health/live").status_code) == (503, 200)


def test_a_query_and_a_refusal_are_one_event(client: TestClient) -> None:
    stream = {"accept": "text/event-stream"}
    answer = client.post("/graphql", json={"query": "{ run { runId } }"}, headers=stream)
    (one, data), (last, nothing) = _events(answer.text)
    assert (one, data["data"], last, nothing) == ("next", {"run": {"runId": "run-1"}}, "complete", None)
    refused = _events(client.post("/graphql", json={"query": "{"}, headers=stream).text)
    assert refused[0][1]["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert (
        client.post("/graphql", content=b"{", headers=stream | {"content-type": "application/json"}).status_code == 400
    )


def test_without_a_stream_a_subscription_is_refused(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": CHANGED})
    assert answer.status_code == 405
    assert "event-stream" in answer.json()["errors"][0]["message"]


def test_there_are_so_many_streams_at_once(fresh: Site) -> None:
    with connect(fresh, ServeSettings(limits=Limits(streams=0))) as client:
        answer = client.post("/graphql", json={"query": CHANGED}, headers={"accept": "text/event-stream"})
        assert answer.status_code == 503
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(URL, PROTOCOL):
            pass
