"""Gremlin stores under stress: two clients at once, hubs, pages, a server that is killed; credentials and TLS."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from engines.server import GremlinServer, janusgraph_on_berkeleydb, tinkergraph
from known_graph import (
    CARD,
    account_rows,
    identifier_rows,
    link_row,
    link_table,
    publication,
    tables,
    use_rows,
)

from linkage.errors import LinkageError, SettingsError, StoreConflict, StoreUnavailable
from linkage.stores.gremlin import merging, publishing, session
from linkage.stores.gremlin.store import GremlinStore

pytestmark = pytest.mark.gremlin
USER, PASSWORD = "linkage", "of this test"


@pytest.fixture(params=["tinkergraph", "berkeleydb"])
def server(request: pytest.FixtureRequest) -> GremlinServer:
    """A server of each kind, empty."""
    found: GremlinServer = request.getfixturevalue(f"{request.param}_server")
    found.empty()
    return found


@pytest.fixture
def transacting(berkeleydb_server: GremlinServer) -> GremlinServer:
    """A server with transactions, empty: on a TinkerGraph, which has none, one client writes at a time."""
    berkeleydb_server.empty()
    return berkeleydb_server


def _held(store: GremlinStore) -> tuple[Any, ...]:
    ids = [row["id"] for row in account_rows()]
    return (
        store.counts(),
        store.accounts(ids),
        store.uses_of(ids),
        [row for table in store.link_table() for row in table.to_pylist()],
    )


def test_two_clients_that_load_the_same_at_once_load_it_once(transacting: GremlinServer) -> None:
    with GremlinStore(transacting.url) as one, GremlinStore(transacting.url) as other:
        one.prepare()
        start = threading.Barrier(2)

        def load(store: GremlinStore) -> None:
            start.wait()
            store.load(tables())
            store.replace_links([link_table()], "run1")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(load, (one, other)))
        assert _held(one) == _held(other)
        assert (one.counts().accounts, one.counts().uses, one.counts().links) == (6, 15, 4)


def test_of_two_publications_at_once_one_stands_whole(transacting: GremlinServer) -> None:
    with GremlinStore(transacting.url) as one, GremlinStore(transacting.url) as other:
        one.prepare()
        one.load(tables())
        one.publish(publication())
        start = threading.Barrier(2)
        given = [publication("run2", day=4), publication("run3", day=5)]

        def publish(store: GremlinStore, number: int) -> str:
            start.wait()
            try:
                store.publish(given[number])
            except StoreConflict:
                return ""
            return given[number].run.run_id

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(publish, (one, other), (0, 1)))
        stands = one.current_run()
        assert stands is not None
        assert stands.run_id in done
        assert one.rings() == other.rings() == list(given[0].rings)
        assert (
            one.all_members()
            == other.all_members()
            == sorted(given[0].members, key=lambda member: (member.ring_id, member.account_id))
        )


def test_a_write_is_read_at_once_by_another_client(server: GremlinServer) -> None:
    with GremlinStore(server.url) as writer, GremlinStore(server.url) as reader:
        writer.prepare()
        writer.load(tables())
        for status in ("suspended", "terminated", "active"):
            changed = [row | {"status": status} for row in account_rows() if row["id"] == "a1"]
            writer.load(tables(changed, [], []))
            found = reader.account("a1")
            assert found is not None
            assert found.status == status


def test_what_is_as_it_was_is_not_written_again(server: GremlinServer, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    plain = merging.merge_vertices, merging.merge_edges
    monkeypatch.setattr(merging, "merge_vertices", lambda s, v: (written.append(len(v)), plain[0](s, v)))
    monkeypatch.setattr(merging, "merge_edges", lambda s, i, e: (written.append(len(e)), plain[1](s, i, e)))
    with GremlinStore(server.url) as store:
        store.prepare()
        store.load(tables())
        store.replace_links([link_table()], "run1")
        assert sum(written) == 6 + 6 + 15 + 4
        written.clear()
        store.load(tables())
        store.replace_links([link_table()], "run2")
        assert sum(written) == 0


def test_a_hub_is_read_in_pages_and_up_to_its_limit(server: GremlinServer) -> None:
    size = 1200
    nobody = account_rows()[-1]
    names = [f"n{number:05}" for number in range(size)]
    card = next(row for row in identifier_rows() if row["key"] == CARD) | {"degree": size}
    uses = [use_rows()[0] | {"account_id": name, "key": CARD} for name in names]
    links = [link_row("n00000", name, payment=float(number)) for number, name in enumerate(names[1:])]
    with GremlinStore(server.url) as store:
        store.prepare()
        store.load(tables([nobody | {"id": name} for name in names], [card], uses))
        store.replace_links([link_table(links)], "run1")
        assert store.users(CARD, limit=5000) == names
        pages: list[str] = []
        while page := store.users_of([CARD], 500, pages[-1] if pages else "").get(CARD):
            pages += page
        assert pages == names
        strongest = store.links("n00000", limit=3)
        assert [link.account_b for link in strongest] == names[:-4:-1]
        assert sum(table.num_rows for table in store.link_table()) == size - 1
        assert len(set(store.components().column("component").to_pylist())) == 1
        found = store.sharing_tables([CARD], limit=size)
        assert sum(table.num_rows for table in found.uses) == size


def test_a_run_that_fails_anywhere_is_not_seen_and_leaves_nothing(
    server: GremlinServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GremlinStore(server.url) as store:
        store.prepare()
        store.load(tables())
        store.publish(publication())
        before = (store.current_run(), store.rings(), store.all_members(), store.stays(), store.events())
        vertices = len(store._session.rows("count", session.g.V().id_()))
        for part in ("merge_edges", "_write_stays"):
            with monkeypatch.context() as patch:
                patch.setattr(publishing, part, _fail)
                with pytest.raises(LinkageError, match="of this test"):
                    store.publish(publication("run2", day=4))
            assert (store.current_run(), store.rings(), store.all_members(), store.stays(), store.events()) == before
        assert len(store._session.rows("count", session.g.V().id_())) == vertices


def _fail(*_: Any) -> None:
    raise StoreUnavailable("of this test")


def test_old_runs_leave_their_history_and_no_more(server: GremlinServer) -> None:
    with GremlinStore(server.url) as store:
        store.prepare()
        store.load(tables())
        for number in range(1, 6):
            store.publish(publication(f"run{number}", day=2 + number))
        edges = len(store._session.rows("count", session.g.E().has_label("MEMBER_OF").values("stamp")))
        assert edges == 2 * len(publication().members)
        assert len(store.runs()) == 5
        assert {stay.from_run for stay in store.stays()} == {"run1"}


def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    server = janusgraph_on_berkeleydb(tmp_path).start()
    acknowledged: list[str] = []
    try:
        with GremlinStore(server.url, patience=0.5) as store:
            store.prepare()
            killer = threading.Thread(target=_kill_after, args=(server, acknowledged, 20))
            killer.start()
            with pytest.raises(StoreUnavailable):
                _load_on(store, acknowledged)
            killer.join()
            assert acknowledged
            server.start()
            assert sorted(store.accounts(acknowledged)) == acknowledged
            store.load(tables())
            assert store.counts().uses == 15
    finally:
        server.stop()


def _kill_after(server: GremlinServer, acknowledged: list[str], count: int) -> None:
    while len(acknowledged) < count:
        time.sleep(0.01)
    server.kill()


def _load_on(store: GremlinStore, acknowledged: list[str]) -> None:
    """Loads accounts one by one, until the store no longer answers."""
    nobody = account_rows()[-1]
    while True:
        name = f"n{len(acknowledged):05}"
        store.load(tables([nobody | {"id": name}], [], []))
        acknowledged.append(name)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key store for the server, and the certificate that clients trust."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "linkage test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = serialization.BestAvailableEncryption(PASSWORD.encode())
    (folder / "server.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"server", key, made, None, secret))
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "server.p12", folder / "ca.pem"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]) -> Iterator[GremlinServer]:
    """A Gremlin Server that wants TLS and a password."""
    folder = tmp_path_factory.mktemp("guarded")
    users = "org.apache.tinkerpop.gremlin"
    (folder / "users.properties").write_text(
        f"gremlin.graph={users}.tinkergraph.structure.TinkerGraph\ngremlin.tinkergraph.vertexIdManager=LONG\n"
        f"gremlin.tinkergraph.graphLocation={folder / 'users.json'}\ngremlin.tinkergraph.graphFormat=graphson\n"
    )
    (folder / "users.json").write_text(_users())
    more = {
        "authentication": {
            "authenticator": f"{users}.server.auth.SimpleAuthenticator",
            "config": {"credentialsDb": str(folder / "users.properties")},
        },
        "ssl": {
            "enabled": True,
            "keyStore": str(certificate[0]),
            "keyStorePassword": PASSWORD,
            "keyStoreType": "PKCS12",
        },
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate[1]))
        server = tinkergraph(folder, more=more, scheme="gremlin+wss", credentials=(USER, PASSWORD)).start()
    yield server
    server.stop()


def _users() -> str:
    """Returns the server's graph of users: one, with the hash (bcrypt, cost 4) of the password."""
    values = {"username": USER, "password": "$2a$04$mFhq8X.TnVoY2DqP4dytjespPB7m59SyaswYmIiogMbOMMoHzdp4y"}
    properties = {
        name: [{"id": {"@type": "g:Int64", "@value": number}, "value": value}]
        for number, (name, value) in enumerate(values.items(), start=1)
    }
    return json.dumps({"id": {"@type": "g:Int64", "@value": 0}, "label": "user", "properties": properties}) + "\n"


def test_a_server_with_tls_and_a_password_takes_who_has_both(
    guarded: GremlinServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="address or encryption"):
        GremlinStore(guarded.url, USER, PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with GremlinStore(guarded.url, USER, PASSWORD) as store:
        store.load(tables())
        assert store.counts().uses == 15
    for credentials in ((USER, "wrong"), ("", "")):
        with pytest.raises(SettingsError, match="LINKAGE_PASSWORD"):
            GremlinStore(guarded.url, *credentials)
    with pytest.raises(LinkageError, match=re.escape(guarded.url.replace("wss", "ws"))):
        GremlinStore(guarded.url.replace("wss", "ws"), USER, PASSWORD, patience=0.2)
