"""The port: what the service needs of a store, in the words of the domain.

An adapter holds only what differs. It is opened by `registry.open_store`, used by one thread at a time
unless it declares `CONCURRENT_READS`, and closed by leaving its `with` block.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Self

from linkage.model.decisions import Conflict
from linkage.model.rings import Account, Member, Ring, RingEvent, Role, Run
from linkage.stores.decisions import Decisions
from linkage.stores.erasing import Erasing
from linkage.stores.exploring import Exploring
from linkage.stores.history import RunHistory
from linkage.stores.sealed import SealedValues

if TYPE_CHECKING:
    import pyarrow as pa


class Capability(StrEnum):
    """What a store can do beyond the port's least; declared, and tested by the conformance suite."""

    EMBEDDED = "embedded"
    """The store is the working file itself: nothing has to be loaded into it."""
    COMMUNITIES = "communities"
    """It finds communities itself (Leiden); else they are found in the process."""
    BULK_IMPORT = "bulk_import"
    """It takes a whole graph at once while it is empty."""
    CONCURRENT_READS = "concurrent_reads"
    """Its reads may be called from several threads at once."""
    SEALED_VALUES = "sealed_values"
    """It keeps sealed values beside identifiers, where an operator opts in."""


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """How many nodes and relationships a store holds."""

    accounts: int
    identifiers: int
    uses: int
    links: int
    rings: int


@dataclass(frozen=True, slots=True)
class GraphTables:
    """A graph on its way into a store: iterables of Arrow tables with the schemas of `model.graph`."""

    accounts: Iterable[pa.Table]
    identifiers: Iterable[pa.Table]
    uses: Iterable[pa.Table]


@dataclass(frozen=True, slots=True)
class Publication:
    """All that one run publishes, in one transaction and behind one pointer."""

    run: Run
    rings: Sequence[Ring]
    members: Sequence[Member]
    events: Sequence[RingEvent]
    conflicts: Sequence[Conflict] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is published, and a mark of all that the store holds.

    Where two marks are equal and not empty, nothing was changed between the first look and the second.
    """

    run: Run | None
    mark: str = ""


class Store(Exploring, RunHistory, Decisions, SealedValues, Erasing):
    """A graph store. Writes are idempotent: the same call twice leaves what one call leaves."""

    capabilities: frozenset[Capability] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    @abstractmethod
    def url(self) -> str:
        """Returns the store's address without credentials."""

    @abstractmethod
    def close(self) -> None:
        """Gives back connections; a closed store is not used again."""

    @abstractmethod
    def ping(self) -> None:
        """Raises StoreUnavailable unless the store answers."""

    @abstractmethod
    def prepare(self) -> None:
        """Makes constraints and indexes, once; every write relies on them."""

    @abstractmethod
    def counts(self) -> GraphCounts:
        """Returns how much the store holds."""

    # Loading

    @abstractmethod
    def load(self, graph: GraphTables) -> None:
        """Merges accounts, then identifiers, then uses: new ones are made, known ones are updated."""

    def bulk_import(self, graph: GraphTables) -> None:
        """Fills an empty store; UnsupportedOperation unless the store declares BULK_IMPORT.

        The uses have the schema of `model.graph.numbered_uses_schema`.
        """
        from linkage.errors import UnsupportedOperation

        raise UnsupportedOperation(f"{self.url} takes no bulk import of {type(graph).__name__}; use load")

    @abstractmethod
    def replace_links(self, links: Iterable[pa.Table], run_id: str) -> None:
        """Merges links stamped with the run, and removes those of other runs."""

    @abstractmethod
    def remove_uses(self, uses: Iterable[pa.Table]) -> None:
        """Removes uses, given by account_id and key, then identifiers that are no nodes without them.

        Those are identifiers that nobody uses, and prompts of one account.
        """

    @abstractmethod
    def loaded_through(self) -> int:
        """Returns the number of the last load that the store holds whole, 0 before the first."""

    @abstractmethod
    def mark_loaded(self, load: int) -> None:
        """Notes that the store holds all loads through this one whole."""

    # Detection

    @abstractmethod
    def components(self) -> pa.Table:
        """Returns account_id, component (int64) for every account with a link of grade `behaviour`."""

    def communities(self, resolution: float) -> pa.Table:
        """Returns account_id, component, community (int64) found by the store's own Leiden.

        UnsupportedOperation unless the store declares COMMUNITIES. Deterministic for equal graphs.
        """
        from linkage.errors import UnsupportedOperation

        raise UnsupportedOperation(f"{self.url} finds no communities (resolution {resolution})")

    @abstractmethod
    def link_table(self) -> Iterator[pa.Table]:
        """Yields all stored links in the schema of `model.graph.links_schema`, ordered by the two ids."""

    # Publishing

    @abstractmethod
    def publish(self, publication: Publication) -> None:
        """Writes a run and moves the pointer to it in one transaction: a reader sees the old or the new."""

    @abstractmethod
    def current_run(self) -> Run | None:
        """Returns the run that is published, or None before the first."""

    def standing(self) -> Standing:
        """Returns the run that is published, with an empty mark where the store cannot tell whether it was changed."""
        return Standing(self.current_run())

    @abstractmethod
    def runs(self, limit: int = 100) -> list[Run]:
        """Returns the runs that were published, the newest first, by their ids."""

    # Reading the current run

    @abstractmethod
    def account(self, account_id: str) -> Account | None:
        """Returns an account with its ring in the current run, or None if it is unknown."""

    @abstractmethod
    def accounts(self, account_ids: Sequence[str]) -> dict[str, Account]:
        """Returns those of the accounts that are known, by id."""

    def memberships(self, account_ids: Sequence[str]) -> dict[str, tuple[str, Role]]:
        """Returns ring and role of those of the accounts that are in one: core before member before bystander."""
        found = self.accounts(account_ids).values()
        return {one.account_id: (one.ring_id, one.role) for one in found if one.ring_id and one.role}

    @abstractmethod
    def pair_tables(self, account_ids: Sequence[str]) -> GraphTables:
        """Returns the accounts, the identifiers that at least two of them used, and those uses.

        Whatever is needed to explain any pair of them.
        """

    @abstractmethod
    def sharing_tables(self, keys: Sequence[str], limit: int = 256) -> GraphTables:
        """Returns those of the identifiers that are held and their uses, without accounts.

        An identifier that more than `limit` accounts used comes without uses.
        """

    @abstractmethod
    def account_tables(self, account_ids: Sequence[str]) -> Iterable[pa.Table]:
        """Returns those of the accounts that are held, by id, in the schema of the graph's accounts."""

    @abstractmethod
    def rings(self, limit: int = 100, after: str | None = None) -> list[Ring]:
        """Returns rings of the current run, those that sleep too, highest score first, then by id.

        `after` is the id of the ring behind which to go on.
        """

    @abstractmethod
    def all_members(self, roles: Sequence[Role] = tuple(Role)) -> list[Member]:
        """Returns the members of all rings of the current run, by ring id and account id."""
