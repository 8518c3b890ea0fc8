"""Runs and figures of the store."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linkage.model import rings as model
from linkage.serve import ids
from linkage.serve.types.values import Long, Node
from linkage.stores.base import GraphCounts


@strawberry.type(description="A setting that a run was made with.")
class RunSetting:
    """One setting."""

    name: str
    value: str


@strawberry.type(description="A figure of a run.")
class RunCount:
    """One figure."""

    name: str
    value: float


@strawberry.type(description="The run that is published: rings, members and roles are its result.")
class Run(Node):
    """One run."""

    run_id: str
    started: datetime
    finished: datetime
    settings: list[RunSetting]
    counts: list[RunCount]

    def named(self) -> tuple[ids.NodeType, str]:
        """Returns the type and the plain id."""
        return ids.NodeType.RUN, self.run_id

    @classmethod
    def of(cls, record: model.Run) -> Run:
        """Returns the GraphQL object of a record."""
        return cls(
            run_id=record.run_id,
            started=record.started,
            finished=record.finished,
            settings=[RunSetting(name=n, value=str(v)) for n, v in sorted(record.settings.items())],
            counts=[RunCount(name=n, value=float(v)) for n, v in sorted(record.counts.items())],
        )


@strawberry.type(description="How much the store holds.")
class Stats:
    """Counts of nodes and relationships."""

    accounts: Long
    identifiers: Long
    uses: Long
    links: Long
    rings: Long

    @classmethod
    def of(cls, counts: GraphCounts) -> Stats:
        """Returns the GraphQL object of counts."""
        return cls(
            accounts=Long(counts.accounts),
            identifiers=Long(counts.identifiers),
            uses=Long(counts.uses),
            links=Long(counts.links),
            rings=Long(counts.rings),
        )
