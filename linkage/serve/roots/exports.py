"""Root fields about exports."""

from __future__ import annotations

import asyncio

import strawberry

from linkage.errors import LockHeld, UnsupportedOperation
from linkage.serve.exports import Exports
from linkage.serve.faults import Code, Fault
from linkage.serve.types.decision import user_error
from linkage.serve.types.export import Export, ExportFormat, ExportPayload, ExportTable
from linkage.serve.types.values import Info


@strawberry.type
class ExportQueries:
    """What can be asked of exports."""

    @strawberry.field(description="An export by its id; null if it is unknown, or gone after a day.")
    async def export(self, info: Info, id: strawberry.ID) -> Export | None:  # noqa: A002 - the API's name
        """Returns an export."""
        exports = _exports(info)
        found = await asyncio.to_thread(exports.find, id)
        return Export.of(found, exports) if found else None


@strawberry.type
class ExportMutations:
    """What can be done about exports."""

    @strawberry.mutation(description="Write tables of the current run to files; `export` tells when they are ready.")
    async def start_export(
        self,
        info: Info,
        format: ExportFormat,  # noqa: A002 - the API's name
        tables: list[ExportTable],
    ) -> ExportPayload:
        """Starts an export."""
        if not tables or len(set(tables)) < len(tables):
            raise Fault(Code.BAD_USER_INPUT, "name one table or more, each once")
        exports = _exports(info)
        try:
            made = await asyncio.to_thread(exports.start, format.value, [table.value for table in tables])
        except LockHeld as error:
            return ExportPayload(export=None, user_errors=[user_error(error)])
        return ExportPayload(export=Export.of(made, exports), user_errors=[])


def _exports(info: Info) -> Exports:
    found = info.context.exports
    if found is None:
        raise UnsupportedOperation("this service was started without a folder for exports")
    return found
