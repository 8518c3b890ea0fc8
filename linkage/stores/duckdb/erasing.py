"""What the embedded store holds of accounts and identifiers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from linkage.stores.erasing import Erasing, Traces

_COUNTS = """
WITH gone AS (SELECT account FROM account WHERE id IN (SELECT unnest($ids)))
SELECT (SELECT count(*) FROM gone),
    (SELECT count(*) FROM identifier WHERE key IN (SELECT unnest($keys))),
    (SELECT count(*) FROM (SELECT DISTINCT account, key FROM use
        WHERE account IN (FROM gone) OR key IN (SELECT unnest($keys)))),
    (SELECT count(*) FROM link WHERE a IN (FROM gone) OR b IN (FROM gone)),
    (SELECT count(*) FROM member WHERE account_id IN (SELECT unnest($ids))),
    (SELECT count(*) FROM stay WHERE account_id IN (SELECT unnest($ids)))
"""


class DuckDBErasing(Erasing):
    """The part of the embedded store that erases."""

    @abstractmethod
    def _all(self, query: str, values: object = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a query over the working file as it stands."""

    def traces(self, account_ids: Sequence[str], keys: Sequence[str]) -> Traces:
        values = {"ids": list(account_ids), "keys": [int(key, 16) for key in keys]}
        return Traces(*self._all(_COUNTS, values)[0])

    def erase(self, account_ids: Sequence[str], keys: Sequence[str]) -> None:
        """Needs nothing: the working file is written anew without them (see `derive.erase`)."""
