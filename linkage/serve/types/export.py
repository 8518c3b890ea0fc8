"""Exports: tables of the current run as files."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

import strawberry

from linkage.serve import exports as model
from linkage.serve.types.decision import UserError
from linkage.serve.types.values import Long


class ExportFormat(Enum):
    """How tables are written."""

    NDJSON = "ndjson"
    PARQUET = "parquet"


strawberry.enum(ExportFormat, description="How tables are written.")


class ExportTable(Enum):
    """Tables of the facts format's \u00abOut\u00bb."""

    RINGS = "rings"
    MEMBERS = "members"
    LINKS = "links"
    EVENTS = "events"


strawberry.enum(ExportTable, description="Tables as `linkage export` writes them; see docs/facts.md.")


class ExportState(Enum):
    """How far an export is."""

    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


strawberry.enum(ExportState, description="How far an export is.")


@strawberry.type(description="A table of an export that is ready.")
class ExportFile:
    """One file."""

    table: ExportTable
    rows: Long
    bytes: Long
    path: str = strawberry.field(description="Where it is to be had by GET, without a key, until it expires.")
    expires: datetime


@strawberry.type(description="Tables of the current run as files, kept for a day.")
class Export:
    """An export."""

    export_id: strawberry.ID
    state: ExportState
    format: ExportFormat
    made: datetime
    files: list[ExportFile] = strawberry.field(description="Its files, once it is ready; each asking signs links anew.")

    @classmethod
    def of(cls, record: model.Export, exports: model.Exports) -> Export:
        """Returns the GraphQL object of an export."""
        expires = datetime.now(UTC).timestamp() + model.LINK_S
        return cls(
            export_id=strawberry.ID(record.export_id),
            state=ExportState(record.state),
            format=ExportFormat(record.form),
            made=datetime.fromtimestamp(record.made, UTC),
            files=[
                ExportFile(
                    table=ExportTable(table),
                    rows=Long(rows),
                    bytes=Long(exports.size(record, table)),
                    path=exports.link(record, table),
                    expires=datetime.fromtimestamp(int(expires), UTC),
                )
                for table, rows in record.rows.items()
            ],
        )


@strawberry.type(description="The export that is being written, or why none is.")
class ExportPayload:
    """What a mutation gives."""

    export: Export | None
    user_errors: list[UserError]
