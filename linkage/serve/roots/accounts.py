"""Root fields about accounts and what they use."""

from __future__ import annotations

import strawberry

from linkage.serve import ids
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account, AccountConnection
from linkage.serve.types.filters import AccountConditions, account_filter
from linkage.serve.types.groups import AccountBy, AccountCount
from linkage.serve.types.page import check_first
from linkage.serve.types.used import Identifier
from linkage.serve.types.values import Info


@strawberry.type
class AccountQueries:
    """What can be asked of accounts."""

    @strawberry.field(description="An account by its id, global or the provider's own; null if unknown.")
    async def account(self, info: Info, id: strawberry.ID) -> Account | None:  # noqa: A002 - the API's name
        """Returns an account."""
        found = await info.context.account.load(ids.plain_id(ids.NodeType.ACCOUNT, id))
        return Account.of(found) if found else None

    @strawberry.field(description="Accounts by id, all or those of given attributes.")
    async def accounts(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        filter: AccountConditions | None = None,  # noqa: A002 - the API's name
    ) -> AccountConnection:
        """Returns a page of accounts."""
        check_first(first, PAGE)
        wanted = account_filter(filter)
        behind = ids.cursor_parts(after, str)[0] if after is not None else ""
        found = await info.context.read(lambda store: store.find_accounts(wanted, first + 1, behind))
        return AccountConnection.of(found, first, after, wanted=wanted)

    @strawberry.field(description="How many accounts there are by one attribute, the largest groups first.")
    async def account_counts(
        self,
        info: Info,
        by: AccountBy,
        first: int = 20,
        filter: AccountConditions | None = None,  # noqa: A002 - the API's name
    ) -> list[AccountCount]:
        """Returns counts of accounts."""
        check_first(first, PAGE)
        wanted = account_filter(filter)
        found = await info.context.read(lambda store: store.group_accounts(wanted, by.value, first))
        return [AccountCount.of(group) for group in found]

    @strawberry.field(description="An identifier by its key, a keyed hash; null if unknown.")
    async def identifier(self, info: Info, key: strawberry.ID) -> Identifier | None:
        """Returns an identifier."""
        found = await info.context.identifier.load(ids.plain_id(ids.NodeType.IDENTIFIER, key))
        return Identifier.of(found) if found else None
