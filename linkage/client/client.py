"""The client: one method for each table that people work with, pages handled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from linkage.client import documents
from linkage.client.transport import ApiError, Transport

if TYPE_CHECKING:
    import pandas as pd

    from linkage.client.cases import MemberCase, RingCase

PAGE = 100


class Client:
    """A client of the API at `url`, such as http://127.0.0.1:8000/graphql.

    `key` is an API key or a token. What is refused for now (429, 503) is tried again when the API says, `tries` times
    in all; ApiError tells of anything else.
    """

    def __init__(self, url: str, key: str = "", *, timeout_s: float = 30.0, tries: int = 5) -> None:
        self._transport = Transport(url, key, timeout_s, tries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """Returns the data of any GraphQL document."""
        return self._transport.run(document, variables)

    def run(self) -> str:
        """Returns the id of the published run; ApiError before the first."""
        found = self.query("{ run { runId } }")["run"]
        if found is None:
            raise ApiError("NOT_FOUND", "nothing is published yet")
        return str(found["runId"])

    def rings(
        self, *, where: Mapping[str, Any] | None = None, sort: str = "SCORE_DESC", limit: int | None = None
    ) -> pd.DataFrame:
        """Returns rings of the current run: a row each, the first `limit` of them in the order of `sort`.

        `where` is a RingFilter of the schema, such as {"size": {"gte": 5}}.
        """
        from linkage.client.frames import RINGS, frame

        pages = self._pages(documents.RINGS, ("rings",), limit, filter=where, sort=sort)
        return frame((edge["node"] for edge in pages), RINGS)

    def members(self, ring_id: str, *, limit: int | None = None) -> pd.DataFrame:
        """Returns the accounts of a ring: core, member, bystander; then most bits first."""
        from linkage.client.frames import MEMBERS, frame

        edges = self._pages(documents.MEMBERS, ("ring", "members"), limit, ring=ring_id)
        return frame(({"ringId": ring_id} | edge | edge["node"] | {"role": edge["role"]} for edge in edges), MEMBERS)

    def links(self, ring_id: str, *, limit: int | None = None) -> pd.DataFrame:
        """Returns the links between accounts of a ring, with a column of bits for each facet."""
        import pandas as pd

        from linkage.client.frames import LINKS, frame

        nodes = [edge["node"] for edge in self._pages(documents.LINKS, ("ring", "links"), limit, ring=ring_id)]
        found = frame((_link(ring_id, node) for node in nodes), LINKS)
        facets = [{part["facet"].lower(): part["bits"] for part in node["facets"]} for node in nodes]
        parts = pd.DataFrame(facets, columns=list(documents.FACETS), dtype="float64").fillna(0.0)
        return found.join(parts)

    def accounts(self, *, where: Mapping[str, Any] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Returns accounts by id; `where` is AccountConditions of the schema, such as {"status": ["terminated"]}."""
        from linkage.client.frames import ACCOUNTS, frame

        edges = self._pages(documents.ACCOUNTS, ("accounts",), limit, filter=where)
        return frame((edge["node"] for edge in edges), ACCOUNTS)

    def events(self, after: str | None = None, *, limit: int | None = None) -> tuple[pd.DataFrame, str | None]:
        """Returns what happened to rings behind a cursor, and the cursor from which to go on the next time."""
        from linkage.client.frames import EVENTS, frame

        edges = list(self._pages(documents.EVENTS, ("events",), limit, after=after))
        return frame((edge["node"] for edge in edges), EVENTS), edges[-1]["cursor"] if edges else after

    def why(self, a: str, b: str) -> pd.DataFrame:
        """Returns what two accounts share, most bits first; `attrs` of the frame hold the sums and what speaks against.

        ApiError for an account that is unknown.
        """
        from linkage.client.frames import THINGS, frame

        found = self.query(documents.WHY, a=a, b=b)["whyLinked"]
        if found is None:
            raise ApiError("NOT_FOUND", "one of the two accounts is unknown")
        things = frame(found.pop("things"), THINGS)
        things.attrs = found
        return things

    def why_member(self, account: str) -> MemberCase:
        """Returns why an account is in its ring, how little would free it, and what speaks against.

        ApiError for an account that is unknown or in no ring.
        """
        from linkage.client.cases import member_case

        found = self.query(documents.WHY_MEMBER, account=account)["whyMember"]
        if found is None:
            raise ApiError("NOT_FOUND", "the account is unknown or in no ring")
        return member_case(found)

    def why_ring(self, ring_id: str) -> RingCase:
        """Returns what holds a ring together, where it would break, and what speaks against it."""
        from linkage.client.cases import ring_case

        found = self.query(documents.WHY_RING, ring=ring_id)["whyRing"]
        if found is None:
            raise ApiError("NOT_FOUND", "there is no such ring")
        return ring_case(found)

    def _pages(
        self, document: str, path: tuple[str, ...], limit: int | None, **variables: Any
    ) -> Iterator[dict[str, Any]]:
        """Yields the edges of a connection, page by page, to its end or the limit."""
        left, after = limit, variables.pop("after", None)
        while left is None or left > 0:
            first = PAGE if left is None else min(PAGE, left)
            found: Any = self.query(document, **variables, first=first, after=after)
            for name in path:
                found = found[name]
                if found is None:
                    raise ApiError("NOT_FOUND", f"there is no such {name}")
            yield from found["edges"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]
            left = None if left is None else left - len(found["edges"])


def _link(ring_id: str, node: dict[str, Any]) -> dict[str, Any]:
    ends = {name: node[name]["accountId"] for name in ("accountA", "accountB")}
    return {"ringId": ring_id} | node | ends
