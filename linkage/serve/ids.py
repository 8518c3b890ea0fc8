"""Ids and cursors as clients see them: opaque text, made from ids that hold no personal data.

A global id is unique over all types, as Relay wants it. Arguments also take the plain id that the command
line and the export print, so that an id can be pasted from anywhere.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from enum import StrEnum
from typing import Any

from linkage.serve.faults import Code, Fault

LONGEST = 2_048
"""Characters of the longest id or cursor: 1,024 bytes, four thirds of it in base 64, and the type."""


class NodeType(StrEnum):
    """Types that have a global id."""

    ACCOUNT = "Account"
    RING = "Ring"
    RUN = "Run"
    OPERATOR = "Operator"
    CAMPAIGN = "Campaign"
    IDENTIFIER = "Identifier"


def global_id(node: NodeType, plain: str) -> str:
    """Returns the global id of a node."""
    return _pack(f"{node}:{plain}")


def plain_id(node: NodeType, given: str) -> str:
    """Returns the plain id behind a global id of this type; any other text is taken as a plain id.

    Fault: empty, too long, or the global id of another type.
    """
    if not given or len(given) > LONGEST:
        raise Fault(Code.BAD_USER_INPUT, f"an id of {node} has 1 to {LONGEST} characters, not {len(given)}")
    found, separator, plain = (_unpack(given) or "").partition(":")
    if not separator or found not in set(NodeType):
        return given
    if found != node:
        raise Fault(Code.BAD_USER_INPUT, f"this is the id of {found}; an id of {node} is expected")
    return plain


def node_of(given: str) -> tuple[NodeType, str] | None:
    """Returns the type and the plain id behind a global id, or None for any other text."""
    found, separator, plain = (_unpack(given) or "").partition(":") if 0 < len(given) <= LONGEST else ("", "", "")
    return (NodeType(found), plain) if separator and found in set(NodeType) else None


def cursor(*parts: str | float) -> str:
    """Returns the opaque cursor of a place in an ordered list: the sort key of the element there."""
    return _pack(json.dumps(parts, separators=(",", ":"), ensure_ascii=False))


def cursor_parts(text: str, *types: type) -> tuple[Any, ...]:
    """Returns the parts of a cursor, of the types that its list sorts by; Fault for anything else."""
    try:
        parts = json.loads(_unpack(text) or "null") if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(types):
        raise Fault(Code.BAD_USER_INPUT, "the cursor is not one of this list; take endCursor of a page of it")
    return tuple(parts)


def _pack(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def _unpack(text: str) -> str | None:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (Base64Error, ValueError):
        return None
