"""Ids and cursors survive the way to a client and back; anything else is refused, never misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.serve import ids
from linkage.serve.faults import Fault
from linkage.serve.ids import NodeType
from linkage.serve.types.page import keyset_page

PLAIN = st.text(min_size=1, max_size=200)


@given(st.sampled_from(NodeType), PLAIN)
def test_a_global_id_leads_back_to_the_plain_one(node: NodeType, plain: str) -> None:
    assert ids.plain_id(node, ids.global_id(node, plain)) == plain


@given(PLAIN)
def test_a_plain_id_is_taken_as_it_is(plain: str) -> None:
    assert ids.plain_id(NodeType.ACCOUNT, plain) == plain


def test_the_longest_plain_id_fits() -> None:
    longest = "x" * 1024
    assert ids.plain_id(NodeType.ACCOUNT, ids.global_id(NodeType.ACCOUNT, longest)) == longest


@pytest.mark.parametrize("given_id", ["", "x" * 5000, ids.global_id(NodeType.RING, "r")])
def test_what_is_no_id_of_an_account_is_refused(given_id: str) -> None:
    with pytest.raises(Fault):
        ids.plain_id(NodeType.ACCOUNT, given_id)


@given(st.text(max_size=50), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_cursor_keeps_its_parts(text: str, number: int, real: float) -> None:
    assert ids.cursor_parts(ids.cursor(text, number, real), str, int, float) == (text, number, real)


@given(st.text(max_size=100))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(Fault):
        ids.cursor_parts(text, str, str)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.text(max_size=3)), unique=True, max_size=30).map(sorted),
    st.integers(1, 7),
    st.data(),
)
def test_pages_are_complete_even_if_elements_go_in_between(
    items: list[tuple[float, str]], first: int, data: st.DataObject
) -> None:
    """Every element that stays is seen once, in order, whatever is removed while paging."""
    seen: list[tuple[float, str]] = []
    removed: set[tuple[float, str]] = set()
    after, more = None, True
    while more:
        page = keyset_page(items, lambda item: item, (float, str), first, after)
        seen += [item for _, item in page.rows]
        more, after = page.info.has_next_page, page.info.end_cursor()
        gone = data.draw(st.sets(st.sampled_from(items), max_size=2)) if items else set()
        removed |= gone
        items = [item for item in items if item not in gone]
    assert [item for item in seen if item not in removed] == items
    assert seen == sorted(set(seen))
