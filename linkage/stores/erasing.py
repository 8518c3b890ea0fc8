"""The port's part for erasure: what a store holds of accounts and identifiers, and its removal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traces:
    """How much a store holds of accounts and identifiers: nodes, and what hangs on them now and in earlier runs."""

    accounts: int = 0
    identifiers: int = 0
    uses: int = 0
    links: int = 0
    memberships: int = 0
    stays: int = 0

    def __bool__(self) -> bool:
        return any((self.accounts, self.identifiers, self.uses, self.links, self.memberships, self.stays))


class Erasing(ABC):
    """Erasing for good. Decisions are not part of it: see `Decisions.forget_accounts`."""

    @abstractmethod
    def traces(self, account_ids: Sequence[str], keys: Sequence[str]) -> Traces:
        """Returns how much the store holds of the accounts and identifiers."""

    @abstractmethod
    def erase(self, account_ids: Sequence[str], keys: Sequence[str]) -> None:
        """Removes accounts and identifiers with all that hangs on them, and identifiers that are no nodes without them.

        Rings of the current run count their members anew; earlier runs keep their sizes. What is left is worth
        what it was until it is weighed and loaded again. Cut short, the same call goes on.
        """
