"""Query files: one Cypher statement each, with a header that says what it is for, takes and gives.

The files lie in `cypher/` of a checkout and in `linkage/_cypher` of a wheel. A header is made of comment
lines, in this order, each of which may go on in lines that are indented further:

    // Purpose: Returns ...
    // Params: $name (what it is), $other, or none
    // Returns: column, column (what it is), or nothing
    // Mode: read | write | schema
    // Needs: core | gds
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

FIELDS = ("Purpose", "Params", "Returns", "Mode", "Needs")
_FIELD = re.compile(r"// (\w+): (.+)")
_MORE = re.compile(r"//  +(\S.*)")
_PARAM = re.compile(r"\$([A-Za-z_]\w*)")
_TEXT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"[a-z_]+/[a-z_]+")


class Mode(StrEnum):
    """What a query does to the store."""

    READ = "read"
    WRITE = "write"
    SCHEMA = "schema"


class Needs(StrEnum):
    """What a query needs of the server: Neo4j alone, or its graph algorithms (GDS) too."""

    CORE = "core"
    GDS = "gds"


@dataclass(frozen=True, slots=True)
class Query:
    """A query file: its name (`folder/verb_object`), its header, and the statement without comments."""

    name: str
    purpose: str
    params: tuple[str, ...]
    returns: str
    mode: Mode
    needs: Needs
    statement: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"query «{self.name}» must be named folder/verb_object, in small letters")
        if ";" in _TEXT.sub("", self.statement) or not self.statement:
            raise ValueError(f"query {self.name} must be one statement, without a semicolon")
        used = set(parameters(self.statement))
        for name in sorted(used - set(self.params)):
            raise ValueError(f"query {self.name} uses ${name}, which its header does not declare")
        for name in sorted(set(self.params) - used):
            raise ValueError(f"query {self.name} declares ${name}, which it does not use")


def parameters(statement: str) -> tuple[str, ...]:
    """Returns the names of the parameters in a statement without comments, each once, in order of use."""
    return tuple(dict.fromkeys(_PARAM.findall(_TEXT.sub("''", statement))))


def parse(name: str, text: str) -> Query:
    """Returns the query in the text of a file; ValueError says what is wrong with its header."""
    lines = text.splitlines()
    header = [line for line in lines[: _header_end(lines)] if line.startswith("//")]
    given = _fields(name, header)
    body = "\n".join(lines[len(header) :])
    return Query(
        name=name,
        purpose=given["Purpose"],
        params=tuple(dict.fromkeys(_PARAM.findall(given["Params"]))),
        returns=given["Returns"],
        mode=Mode(given["Mode"]),
        needs=Needs(given["Needs"]),
        statement=strip_comments(body).strip(),
    )


def strip_comments(body: str) -> str:
    """Returns a statement without its comments and the lines they leave empty; text in quotes stays."""
    kept: list[str] = []
    at = 0
    for match in re.finditer(f"(?P<text>{_TEXT.pattern})|(?P<comment>{_COMMENT.pattern})", body, re.DOTALL):
        if match["comment"] is not None:
            kept.append(body[at : match.start()])
            at = match.end()
    kept.append(body[at:])
    return "\n".join(line.rstrip() for line in "".join(kept).splitlines() if line.strip())


def _header_end(lines: list[str]) -> int:
    return next((at for at, line in enumerate(lines) if not line.startswith("//")), len(lines))


def _fields(name: str, header: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    last = ""
    for line in header:
        if (field := _FIELD.fullmatch(line)) and field[1] in FIELDS:
            last = field[1]
            given[last] = field[2].strip()
        elif last and (more := _MORE.fullmatch(line)):
            given[last] += " " + more[1].strip()
        else:
            raise ValueError(f"query {name} has the header line «{line}», which is no {' / '.join(FIELDS)}")
    if tuple(given) != FIELDS:
        raise ValueError(f"query {name} must have the header lines {', '.join(FIELDS)}, in this order")
    return given


def folder() -> Path:
    """Returns the folder of the query files: that of the wheel, else that of the checkout."""
    inside = Path(__file__).parent / "_cypher"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "cypher"


@cache
def load(name: str) -> Query:
    """Returns the query `folder/verb_object`; ValueError if there is no such file or its header is wrong."""
    path = folder() / f"{name}.cypher"
    if not path.is_file():
        raise ValueError(f"there is no query «{name}»; `linkage queries` lists them")
    return parse(name, path.read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """Returns the text of a file that lies among the queries and is none, such as a style sheet."""
    return (folder() / name).read_text(encoding="utf-8")


def names() -> list[str]:
    """Returns the names of all query files, ascending."""
    root = folder()
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.cypher"))


def index() -> list[Query]:
    """Returns all queries by name: what `linkage queries` prints."""
    return [load(name) for name in names()]
