"""Query files: headers, parameters both ways, and what a wrong file says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import queries
from linkage.queries import Mode, Needs, parameters, parse, strip_comments

HEADER = """// Purpose: Returns what an account used,
//   most bits first.
// Params: $account (an id), $limit
// Returns: key, bits (rounded)
// Mode: read
// Needs: core
"""
BODY = """MATCH (:Account {id: $account})-[:USED]->(i) // a comment
/* another: $nothing */
RETURN i.key AS key, 'a // text with $money' AS bits
LIMIT $limit
"""


def test_a_file_is_its_header_and_its_statement() -> None:
    query = parse("serve/list_uses", HEADER + BODY)
    assert query.purpose == "Returns what an account used, most bits first."
    assert query.params == ("account", "limit")
    assert query.returns == "key, bits (rounded)"
    assert (query.mode, query.needs) == (Mode.READ, Needs.CORE)
    assert query.statement.splitlines() == [
        "MATCH (:Account {id: $account})-[:USED]->(i)",
        "RETURN i.key AS key, 'a // text with $money' AS bits",
        "LIMIT $limit",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", $limit\n", "\n", r"uses \$limit, which its header does not declare"),
        ("$limit\n//", "$limit, $more\n//", r"declares \$more, which it does not use"),
        ("// Mode: read\n", "", "must have the header lines Purpose, Params, Returns, Mode, Needs"),
        ("// Needs: core\n// Mode: read\n", "", "Mode"),
        ("// Mode: read", "// Moode: read", "«// Moode: read»"),
        ("// Mode: read", "// Mode: maybe", "maybe"),
        ("// Needs: core", "// Needs: apoc", "apoc"),
        ("LIMIT $limit\n", "LIMIT $limit;\n", "one statement, without a semicolon"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(old: str, new: str, message: str) -> None:
    text = HEADER + BODY
    if old.startswith("// Needs"):
        text = text.replace("// Mode: read\n// Needs: core\n", "// Needs: core\n// Mode: read\n")
        old, message = "no such text", "in this order"
    with pytest.raises(ValueError, match=message):
        parse("serve/list_uses", text.replace(old, new))


@pytest.mark.parametrize("name", ["list_uses", "serve/List", "serve/list uses", "../serve/list"])
def test_a_name_is_a_folder_and_a_verb(name: str) -> None:
    with pytest.raises(ValueError, match="must be named folder/verb_object"):
        parse(name, HEADER + BODY)


def test_an_empty_statement_is_refused() -> None:
    head = HEADER.replace("$account (an id), $limit", "none")
    with pytest.raises(ValueError, match="one statement"):
        parse("serve/list_uses", head)


def test_an_unknown_query_is_an_error() -> None:
    with pytest.raises(ValueError, match="no query «serve/nothing»"):
        queries.load("serve/nothing")


def test_the_index_holds_every_file_once_and_in_order() -> None:
    found = [query.name for query in queries.index()]
    assert found == sorted(set(found))
    assert len(found) == len(list(queries.folder().rglob("*.cypher"))) > 50
    assert all(query.purpose.endswith(".") for query in queries.index())


def test_a_query_is_read_once() -> None:
    assert queries.load("serve/list_given_rings") is queries.load("serve/list_given_rings")


def test_the_files_of_a_wheel_come_first(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    wheel = Path(str(tmp_path)) / "linkage"
    monkeypatch.setattr(queries, "__file__", str(wheel / "queries.py"))
    assert queries.folder() == wheel.parent / "cypher"
    (wheel / "_cypher").mkdir(parents=True)
    assert queries.folder() == wheel / "_cypher"


@given(st.lists(st.sampled_from(["a", "b_c", "d1"])))
def test_parameters_come_once_in_order(names: list[str]) -> None:
    statement = " ".join(f"RETURN ${name}, '${name}x'" for name in names)
    assert parameters(statement) == tuple(dict.fromkeys(names))


@given(st.text(alphabet="ab \n'\"/*$", max_size=30))
def test_comments_go_and_only_comments(text: str) -> None:
    inside = text.replace("'", "").replace("\n", "")
    assert strip_comments(f"RETURN '{inside}' // {inside}") == f"RETURN '{inside}'"
