"""Values of a sign-up as the text that a load would make of them, or the reason why it would reject them."""

from __future__ import annotations

from linkage.model.batches import Reason
from linkage.model.facts import Column, ColumnType


def text_of(column: Column, value: object) -> str | Reason | None:
    """Returns a value of JSON as text; a reason where no load takes it, None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        return _plain(column, value)
    if not isinstance(value, str):
        return Reason.NESTED
    if value.isascii():
        return value
    if column.type is ColumnType.PROMPT:  # who cuts a text may cut a pair in two
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value if _is_whole(value) else Reason.NOT_UTF8


def _plain(column: Column, value: bool | float) -> str | Reason:
    if column.type is ColumnType.ID and not (isinstance(value, int) and not isinstance(value, bool)):
        return Reason.NOT_ID
    if column.type is ColumnType.TIME:
        return Reason.NOT_TIME
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
