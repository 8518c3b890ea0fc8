"""Columns of leaves as the reply shows them: the engine's own serialization, passed over where it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType

Column = list[Any]  # values of any leaf type
_AS_THEY_ARE: dict[str, type] = {"String": str, "ID": str, "Boolean": bool, "Long": int}
_MOST, _LEAST = 2**31 - 1, -(2**31)


def serializer(leaf: GraphQLLeafType) -> Callable[[Column], Column]:
    """Returns what serializes a column without nulls; it raises what the engine raises."""
    if isinstance(leaf, GraphQLEnumType):
        return _enum(leaf)
    shown = leaf.serialize

    def each(values: Column) -> Column:
        found = [shown(value) for value in values]
        if None in found:
            raise TypeError(f"a {leaf.name} has become null")
        return found

    if leaf.name == "Float":
        return lambda values: values if _only(values, float) and all(map(isfinite, values)) else each(values)
    if leaf.name == "Int":
        return lambda values: values if _only(values, int) and _short(values) else each(values)
    plain = _AS_THEY_ARE.get(leaf.name)
    return each if plain is None else lambda values: values if _only(values, plain) else each(values)


def _only(values: Column, kind: type) -> bool:
    return set(map(type, values)) <= {kind}


def _short(values: Column) -> bool:
    return not values or (max(values) <= _MOST and min(values) >= _LEAST)


def _enum(leaf: GraphQLEnumType) -> Callable[[Column], Column]:
    names: dict[Any, str] = {}

    def each(values: Column) -> Column:
        for value in set(values) - names.keys():
            names[value] = leaf.serialize(value)
        return [names[value] for value in values]

    return each
