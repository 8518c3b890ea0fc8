"""The port's part for looking around: many things of one kind in one call, and accounts by their attributes.

Whoever shows a list with something about each of its elements asks once for all of them, never once for each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from linkage.model.filters import AccountFilter, AccountGroup, EventPlace
from linkage.model.rings import Identifier, Link, Member, Ring, RingEvent, Use


class Exploring(ABC):
    """Reading by several ids at once. What is returned by id has every id that was asked for and is known."""

    @abstractmethod
    def uses_of(self, account_ids: Sequence[str], limit: int = 1000) -> dict[str, list[Use]]:
        """Returns what each of the accounts used, most bits first, then by kind and key; `limit` for each."""

    @abstractmethod
    def links_of(self, account_ids: Sequence[str], limit: int = 100) -> dict[str, list[Link]]:
        """Returns the links of each of the accounts, most bits first, then by the other account's id."""

    @abstractmethod
    def users_of(self, keys: Sequence[str], limit: int = 1000, after: str = "") -> dict[str, list[str]]:
        """Returns the ids of the accounts that used each of the identifiers, ascending, behind `after`."""

    @abstractmethod
    def identifiers(self, keys: Sequence[str]) -> dict[str, Identifier]:
        """Returns those of the identifiers that are known, by key."""

    @abstractmethod
    def rings_by_id(self, ring_ids: Sequence[str]) -> dict[str, Ring]:
        """Returns those of the rings that are known, also such as have ended, by id."""

    @abstractmethod
    def members_of(self, ring_ids: Sequence[str], limit: int = 100_000) -> dict[str, list[Member]]:
        """Returns the accounts of each of the rings: core, member, bystander; then most bits first, then by id."""

    @abstractmethod
    def ring_links_of(self, ring_ids: Sequence[str], limit: int = 10_000) -> dict[str, list[Link]]:
        """Returns the links between accounts of each of the rings, by the two ids."""

    @abstractmethod
    def events_of(self, ring_ids: Sequence[str], limit: int = 1000) -> dict[str, list[RingEvent]]:
        """Returns the events of each of the rings, newest run first, then by event."""

    @abstractmethod
    def events_after(self, place: EventPlace, limit: int = 1000) -> list[RingEvent]:
        """Returns the ring events behind a place, in the order of run, ring, event and other ring."""

    @abstractmethod
    def find_accounts(self, wanted: AccountFilter, limit: int = 100, after: str = "") -> list[str]:
        """Returns the ids of the accounts that are wanted, ascending, behind `after`."""

    @abstractmethod
    def count_accounts(self, wanted: AccountFilter, limit: int) -> int:
        """Returns how many accounts are wanted; counting ends at the limit."""

    @abstractmethod
    def group_accounts(self, wanted: AccountFilter, by: str, limit: int = 100) -> list[AccountGroup]:
        """Returns how many of them have each value of an attribute, the largest group first, then by value.

        ValueError unless `by` is one of `model.filters.ATTRIBUTES`.
        """

    def uses(self, account_id: str, limit: int = 1000) -> list[Use]:
        """Returns what the account used, most bits first, then by kind and key."""
        return self.uses_of([account_id], limit).get(account_id, [])

    def links(self, account_id: str, limit: int = 100) -> list[Link]:
        """Returns the account's links, most bits first, then by the other account's id."""
        return self.links_of([account_id], limit).get(account_id, [])

    def users(self, key: str, limit: int = 1000) -> list[str]:
        """Returns the ids of the accounts that used the identifier, ascending."""
        return self.users_of([key], limit).get(key, [])

    def ring(self, ring_id: str) -> Ring | None:
        """Returns a ring, also one that has ended, or None if there never was one."""
        return self.rings_by_id([ring_id]).get(ring_id)

    def members(self, ring_id: str, limit: int = 100_000) -> list[Member]:
        """Returns the ring's accounts: core, member, bystander; then most bits first, then by id."""
        return self.members_of([ring_id], limit).get(ring_id, [])

    def ring_links(self, ring_id: str, limit: int = 10_000) -> list[Link]:
        """Returns the links between accounts of the ring, by the two ids."""
        return self.ring_links_of([ring_id], limit).get(ring_id, [])
