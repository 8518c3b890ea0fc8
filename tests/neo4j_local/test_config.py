from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import LocalServerError, SettingsError
from linkage.stores.neo4j.local.config import (
    LEAST_HEAP,
    LEAST_PAGE_CACHE,
    MB,
    OVERHEAD,
    Memory,
    Ports,
    choose_memory,
    choose_ports,
    free_memory,
    is_free,
    parse_size,
    render,
)

LEAST = LEAST_HEAP + LEAST_PAGE_CACHE + OVERHEAD


@given(st.integers(LEAST, 1 << 45))
def test_memory_is_divided_without_rest_and_nothing_is_starved(total: int) -> None:
    memory = Memory.of(total)
    assert memory.heap + memory.page_cache + OVERHEAD == total
    assert memory.heap >= LEAST_HEAP
    assert memory.page_cache >= LEAST_PAGE_CACHE


@given(st.integers(-5, LEAST - 1))
def test_too_little_memory_is_said_with_what_to_do(total: int) -> None:
    with pytest.raises(LocalServerError, match=r"needs 960 MB .* LINKAGE_NEO4J_MEMORY"):
        Memory.of(total)


def test_without_a_setting_half_of_what_is_free_is_taken() -> None:
    memory = choose_memory("")
    assert memory.heap + memory.page_cache + OVERHEAD <= max(LEAST, free_memory() * 0.6)


@pytest.mark.parametrize(
    ("text", "size"),
    [("3GB", 3 << 30), ("512m", 512 * MB), ("1.5 GiB", 3 << 29), ("1073741824", 1 << 30), ("2T", 2 << 40)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "3 GB please", "3PB"])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="LINKAGE_NEO4J_MEMORY"):
        parse_size(text)


def test_chosen_ports_are_two_and_free() -> None:
    ports = choose_ports(None)
    assert ports.bolt != ports.http
    assert ports.are_free()


def test_earlier_ports_are_kept_when_free_and_left_when_taken() -> None:
    earlier = choose_ports(None)
    assert choose_ports(earlier) == earlier
    with socket.socket() as other:
        other.bind(("127.0.0.1", earlier.http))
        other.listen()
        assert not is_free(earlier.http)
        later = choose_ports(earlier)
    assert earlier.http not in (later.bolt, later.http)


def test_the_server_listens_on_this_machine_only() -> None:
    text = render(Path("d"), Path("l"), Path("p"), Path("i"), Ports(7001, 7002), Memory.of(LEAST))
    rows = dict(line.split("=", 1) for line in text.splitlines())
    addresses = [value for name, value in rows.items() if "address" in name]
    assert addresses
    assert all(value.startswith("127.0.0.1") for value in addresses)
    assert rows["server.bolt.listen_address"] == "127.0.0.1:7001"
    assert rows["dbms.security.auth_enabled"] == "true"
    assert rows["dbms.usage_report.enabled"] == "false"
