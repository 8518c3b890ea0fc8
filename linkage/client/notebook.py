"""What a notebook opens: the client's tables, with the evidence of pairs and pictures of rings."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from linkage.client import documents
from linkage.client.child import Child
from linkage.client.client import Client
from linkage.client.transport import ApiError

if TYPE_CHECKING:
    import pandas as pd
    from neo4j_viz import VisualizationGraph


def open_notebook(url: str, key: str = "") -> Notebook:
    """Returns the notebook of a service or a store; see linkage.open."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return Notebook(url if parts.path.strip("/") else f"{url.rstrip('/')}/graphql", key)
    child = Child(url)
    atexit.register(child.close)
    try:
        return Notebook(child.url, key, child)
    except ApiError:
        child.close()
        raise


class Notebook(Client):
    """A client for people: all tables of Client, evidence of pairs, and pictures of rings.

    `child`: a service that ends when this is closed.
    """

    def __init__(self, url: str, key: str = "", child: Child | None = None) -> None:
        super().__init__(url, key)
        self.url = url
        self._child = child
        self.run()  # who opens what is not there is to hear it now

    def close(self) -> None:
        """Closes the connection, and ends the service that was started for it."""
        super().close()
        if self._child is not None:
            atexit.unregister(self._child.close)
            self._child.close()

    def evidence(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Returns all that the accounts of each pair share: a row each, beside account_a and account_b.

        `pairs` has the columns account_a and account_b, as `links` returns them; it is one question for each of them.
        """
        import pandas as pd

        found = []
        for a, b in zip(pairs.account_a, pairs.account_b, strict=True):
            things = self.why(a, b)
            things.attrs = {}
            found.append(things.assign(account_a=a, account_b=b))
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["account_a", "account_b"])

    def what_if(self, accounts: Sequence[str] = (), identifiers: Sequence[str] = ()) -> dict[str, Any]:
        """Returns what terminating accounts, and all users of identifiers, would do; nothing is done.

        The counts, with `rings` (what would remain of them) and `innocents` as DataFrames.
        """
        from linkage.client.frames import frame

        wanted = {"accounts": list(accounts), "identifiers": list(identifiers)}
        found: dict[str, Any] = self.query(documents.WHAT_IF, terminate=wanted)["whatIf"]
        names = ("ringId", "membersBefore", "membersLeft", "pieces", "largestPiece", "requestsBefore", "requestsLeft")
        innocents = [{"accountId": one["node"]["accountId"], "reason": one["reason"]} for one in found["innocents"]]
        return found | {
            "rings": frame(found["rings"], names),
            "innocents": frame(innocents, ("accountId", "reason")),
        }

    def set_verdict(
        self, *, confirmed: bool, reason: str, key: str, account: str | None = None, ring: str | None = None
    ) -> Mapping[str, Any]:
        """Keeps that an account is a fake or innocent, or that a ring is one or none; returns the decision.

        `key` names this very decision: sent twice it is made once. ApiError with what is wrong where it is refused.
        """
        given = {"confirmed": confirmed, "reason": reason, "idempotencyKey": key, "account": account, "ring": ring}
        made = self.query(documents.VERDICT, input=given)["setVerdict"]
        for error in made["userErrors"]:
            raise ApiError(error["code"], error["message"])
        decision: Mapping[str, Any] = made["decision"]
        return decision

    def picture(self, ring_id: str, *, accounts: int = 150, links: int = 250) -> VisualizationGraph:
        """Returns the picture of a ring: its strongest accounts and the strongest links among them.

        `.render()` draws it. It takes the extra `linkage[notebook]`.
        """
        from linkage.client.picture import picture

        return picture(self.members(ring_id, limit=accounts), self.links(ring_id), links)
