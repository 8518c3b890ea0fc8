"""What goes to a Gremlin server: addresses, ids, digests, and no step that one of the servers refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gremlin_python.statics import long
from known_graph import ODD, account_rows, at, tables

import linkage.stores.gremlin
from linkage.errors import SettingsError
from linkage.model.graph import accounts_schema
from linkage.stores.gremlin.batches import batches
from linkage.stores.gremlin.directory import new_stamp, run_of, vertices
from linkage.stores.gremlin.ids import BUCKETS, Ids, bucket, bucket_groups, digest
from linkage.stores.gremlin.rows import micros, when
from linkage.stores.gremlin.session import address

SOURCES = sorted(Path(linkage.stores.gremlin.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_request_ends_in_iterate_or_holds_a_lambda_that_is_sent(source: Path) -> None:
    text = source.read_text()
    assert ".iterate(" not in text, "servers of 3.7 refuse what the driver of 3.8 makes of it"
    assert "Lambda" not in text
    assert "statics import lambda" not in text


def test_scripts_are_for_the_schema_alone() -> None:
    senders = [source.stem for source in SOURCES if re.search(r"\.script\(", source.read_text())]
    assert senders == ["schema"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("gremlin+ws://host", "ws://host:8182/gremlin"),
        ("gremlin+wss://host:443/db/gremlin", "wss://host:443/db/gremlin"),
        ("gremlin+ws://[::1]:8182/", "ws://[::1]:8182/gremlin"),
    ],
)
def test_an_address_is_that_of_the_websocket(url: str, found: str) -> None:
    assert address(url) == found


@pytest.mark.parametrize("url", ["gremlin+ws://", "gremlin+ws://h:port", "gremlin+ws://u:p@h", "gremlin+http://h"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        address(url)


def test_ids_are_plain_text_or_numbers_that_janusgraph_takes() -> None:
    names = ["a1", ODD, "", "a\0b", "-"]
    text, numbers = Ids(), Ids(numbers=True)
    assert all(re.fullmatch(r"[0-9a-f]{32}", text.of("Account", name)) for name in names)
    found = [numbers.of("Account", name) for name in names]
    assert all(isinstance(one, long) and 0 < one < 2**58 and one % 8 == 0 for one in found)
    assert len(set(found)) == len(names)
    assert text.of("Account", "x") != text.of("Identifier", "x")
    assert text.of("Account", "x", "y") != text.of("Account", "xy")


def test_every_bucket_is_asked_for_once_and_vertices_spread_over_all() -> None:
    groups = [name for group in bucket_groups("Account") for name in group]
    assert len(groups) == len(set(groups)) == BUCKETS["Account"]
    for ids in (Ids(), Ids(numbers=True)):
        met = {bucket("Account", ids.of("Account", str(number))) for number in range(20_000)}
        assert met == set(groups)


def test_a_digest_tells_any_change() -> None:
    rows = account_rows()
    changed = [row | {"plan": "other"} if row["id"] == "a1" else row for row in rows]
    digests = []
    for some in (rows, changed):
        (table,) = tables(some).accounts
        (batch,) = batches(table, accounts_schema(), ["id"])
        assert [row.names for row in batch] == sorted((row["id"],) for row in rows)
        assert all(value is not None for row in batch for value in row.values.values())
        digests.append({row.names[0]: row.digest for row in batch})
    differ = {name for name, one in digests[0].items() if digests[1][name] != one}
    assert differ == {"a1"}
    assert 0 <= digest("x") < 2**63


def test_times_are_microseconds() -> None:
    moment = account_rows()[-1]["created_at"]
    assert when(micros(moment)) == moment
    assert micros(at(0).replace(tzinfo=None)) == micros(at(0))
    assert when(micros(None)) is None


def test_a_stamp_tells_its_run_and_its_parts() -> None:
    for rings, parts in ((0, 1), (500, 1), (501, 2)):
        stamp = new_stamp("run-000001", rings)
        assert run_of(stamp) == "run-000001"
        assert len(vertices(Ids(), stamp)) == parts
    assert new_stamp("r", 1) != new_stamp("r", 1)
