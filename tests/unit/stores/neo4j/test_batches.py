"""Tables on their way into Neo4j: order, size, text of times."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_graph import at, link_row

from linkage.errors import StoreError
from linkage.model.graph import links_schema
from linkage.stores.neo4j.batches import batches, conform, iso_text, link_batches

SCHEMA = pa.schema(
    [("a", pa.string()), ("b", pa.int32()), ("at", pa.timestamp("us", tz="UTC")), ("l", pa.list_(pa.int32()))]
)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is drawn
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.text(max_size=4),
            "b": st.integers(0, 9),
            "at": st.none() | MOMENTS,
            "l": st.none() | st.lists(st.integers(0, 9), max_size=2),
        }
    ),
    max_size=12,
)


def _text(numbers: object) -> str:
    return ";".join(map(str, numbers)) if isinstance(numbers, list) and numbers else "None"


@given(st.lists(st.none() | MOMENTS, max_size=5))
def test_times_are_iso_text_in_utc(moments: list[datetime | None]) -> None:
    text = iso_text(pa.chunked_array([pa.array(moments, pa.timestamp("us", tz="UTC"))])).to_pylist()
    assert text == [m and m.isoformat(timespec="microseconds").replace("+00:00", "Z") for m in moments]


@given(ROWS, st.integers(1, 5))
def test_batches_hold_every_row_once_in_order(rows: list[dict[str, object]], size: int) -> None:
    found = list(batches(pa.Table.from_pylist(rows, schema=SCHEMA), SCHEMA, ["a", "b"], size))
    assert all(0 < len(batch) <= size for batch in found)
    flat = [row for batch in found for row in batch]
    keys = [(row["a"].encode(), row["b"]) for row in flat]
    assert keys == sorted((str(row["a"]).encode(), row["b"]) for row in rows)
    assert sorted(str(row["l"]) for row in flat) == sorted(_text(row["l"]) for row in rows)


def test_columns_are_those_of_the_schema() -> None:
    table = pa.table({"b": [1], "a": ["x"], "more": [2.0], "at": pa.array([None]), "l": pa.array([None])})
    assert conform(table, SCHEMA).schema == SCHEMA
    with pytest.raises(StoreError, match="lacks the columns at, l"):
        conform(table.select(["a", "b"]), SCHEMA)


def test_links_go_as_ids_grade_and_one_text_of_numbers() -> None:
    rows = [link_row("b", "c", payment=2.5, timing=0.001), link_row("a", "c") | {"first_seen": None}]
    found = list(link_batches(pa.Table.from_pylist(rows, schema=links_schema()), links_schema(), 1))
    first, last = (int(at(day).timestamp()) for day in (1, 2))
    assert found == [
        [["a", "c", "behaviour", f"0;0;0;0;0;0;0;;{last}"]],
        [["b", "c", "behaviour", f"2.501;0;2.5;0;0.001;0;0;{first};{last}"]],
    ]
