"""A plan carried out: level by level, each field's column for all objects of the level."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain
from typing import Any

from graphql.execution import Executor as Operation
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path

from linkage.serve.columnar.plan import Level, Planned, Way

Column = list[Any]  # whatever a field gives
_NONE = type(None)


class Unfit(Exception):
    """A value is not what the schema says; the engine finds out and tells."""


class Run:
    """One request. `values` counts the values of the reply, as its cost is told by."""

    def __init__(self, operation: Operation[Any]) -> None:
        self._operation = operation
        self.values = 0

    async def data(self, level: Level) -> dict[str, Any]:
        """Returns the reply's data; raises whatever went wrong, once nothing of the request is under way any more."""
        found: dict[str, Any] = (await self._level(level, [self._operation.root_value]))[0]
        return found

    async def _level(self, level: Level, sources: Column) -> Column:
        if not sources:
            return []
        columns: list[Column] = [[]] * len(level.fields)
        waiting: list[tuple[int, Coroutine[Any, Any, Column]]] = []
        for at, field in enumerate(level.fields):
            if field.way is Way.NAME:
                columns[at] = [field.parent.name] * len(sources)
            elif field.get is None:
                waiting.append((at, self._read(field, sources)))
            elif field.leaf is not None:
                columns[at] = self._leaves(field, list(map(field.get, sources)))
            else:
                waiting.append((at, self._objects(field, list(map(field.get, sources)))))
        if waiting:
            found = await _all([one for _, one in waiting])
            for (at, _), column in zip(waiting, found, strict=True):
                columns[at] = column
        self.values += len(sources) * len(level.keys)
        keys = level.keys
        return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]

    async def _read(self, field: Planned, sources: Column) -> Column:
        """Returns the finished column of a field with a resolver or reader."""
        operation, definition = self._operation, field.definition
        given = {}
        if definition.args:
            given = get_argument_values(definition, field.nodes[0], operation.variable_values)
        if field.reader is not None:
            named = {field.names[name]: value for name, value in given.items()}
            values = await field.reader(operation.context_value, sources, **named)
        else:
            path = Path(None, field.nodes[0].name.value, field.parent.name)
            info = operation.build_resolve_info(definition, field.nodes, field.parent, path)
            resolve = definition.resolve or operation.field_resolver
            found = [resolve(source, info, **given) for source in sources]
            values = await _all(found) if operation.is_awaitable(found[0]) else found
        return self._leaves(field, values) if field.leaf else await self._objects(field, values)

    def _leaves(self, field: Planned, values: Column) -> Column:
        flat, back = self._flat(field, values)
        return back(field.leaf(flat)) if field.leaf else []

    async def _objects(self, field: Planned, values: Column) -> Column:
        flat, back = self._flat(field, values)
        return back(await self._level(field.level, flat)) if field.level else []

    def _flat(self, field: Planned, values: Column) -> tuple[Column, Callable[[Column], Column]]:
        """Returns what stands in a column without nulls and lists, and what puts the finished values back into them."""
        if not field.listed:
            return _without_nulls(values, field.outer)
        lists, back_lists = _without_nulls(values, field.outer)
        if not set(map(type, lists)) <= {list, tuple}:
            raise Unfit
        elements, back = _without_nulls(list(chain.from_iterable(lists)), field.inner)
        sizes = list(map(len, lists))
        self.values += sum(sizes)

        def cut(done: Column) -> Column:
            done, begin, found = back(done), 0, []
            for size in sizes:
                found.append(done[begin : begin + size])
                begin += size
            return back_lists(found)

        return elements, cut


def _without_nulls(values: Column, may: bool) -> tuple[Column, Callable[[Column], Column]]:
    if _NONE not in set(map(type, values)):
        return values, _same
    if not may:
        raise Unfit
    known = [value for value in values if value is not None]

    def back(done: Column) -> Column:
        following = iter(done)
        return [None if value is None else next(following) for value in values]

    return known, back


def _same(done: Column) -> Column:
    return done


async def _all(waiting: Sequence[Any]) -> Column:
    """Returns the results of all; raises the first error, but not before all have ended."""
    if len(waiting) == 1:
        return [await waiting[0]]
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found
