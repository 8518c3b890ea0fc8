"""Root fields that answer questions: why, by what path, what around, what if."""

from __future__ import annotations

import strawberry

from linkage import explore
from linkage.errors import UnsupportedOperation
from linkage.explore.inside import links_inside, members_inside
from linkage.explore.reach import MOST_HOPS
from linkage.model.filters import AccountFilter
from linkage.model.rings import Role
from linkage.model.weights import LINKS_PER_ACCOUNT
from linkage.serve import ids
from linkage.serve.faults import Code, Fault
from linkage.serve.settings import PAGE
from linkage.serve.types.account import Account
from linkage.serve.types.assessment import Assessment, SignUp, facts_of
from linkage.serve.types.cases import MemberCase, RingCase
from linkage.serve.types.evidence import Evidence
from linkage.serve.types.groups import Campaign, Operator
from linkage.serve.types.page import check_first
from linkage.serve.types.questions import (
    EvasionCost,
    EvidencePath,
    NeighbourConnection,
    SearchHit,
    Termination,
    WhatIf,
)
from linkage.serve.types.ring import Ring
from linkage.serve.types.used import Identifier
from linkage.serve.types.values import Info
from linkage.stores.base import Store

MOST_TERMINATED = 1_000
"""Accounts and identifiers that one what-if takes."""
MOST_USERS = 10_000
"""Accounts of one identifier, and links of one ring, that are read for an answer."""
MOST_MEMBERS = 20_000


@strawberry.type
class Questions:
    """What people ask before they decide."""

    @strawberry.field(description="Why two accounts are linked, or are not; null if one of them is unknown.")
    async def why_linked(self, info: Info, a: strawberry.ID, b: strawberry.ID) -> Evidence | None:
        """Returns the waterfall of a pair."""
        found = await info.context.evidence.load(_pair(a, b))
        return Evidence.of(found) if found else None

    @strawberry.field(description="Why an account is in its ring; null if it is unknown or in none.")
    async def why_member(self, info: Info, account: strawberry.ID) -> MemberCase | None:
        """Returns the case of a member."""
        account_id, cases = ids.plain_id(ids.NodeType.ACCOUNT, account), _cases(info)
        found = await info.context.read(lambda store: cases.member(store, account_id))
        return MemberCase.of(found) if found else None

    @strawberry.field(description="What holds a ring together; null if it is unknown or has ended.")
    async def why_ring(self, info: Info, ring: strawberry.ID) -> RingCase | None:
        """Returns the case of a ring."""
        ring_id, cases = ids.plain_id(ids.NodeType.RING, ring), _cases(info)
        found = await info.context.read(lambda store: cases.ring(store, ring_id))
        return RingCase.of(found) if found else None

    @strawberry.field(description="The path whose weakest link is the strongest, of 6 links at most; null if none.")
    async def path(self, info: Info, a: strawberry.ID, b: strawberry.ID) -> EvidencePath | None:
        """Returns the strongest path of evidence."""
        one, other = _pair(a, b)
        found = await info.context.read(lambda store: explore.strongest_path(one, other, _links_of(store)))
        return EvidencePath.of(found) if found else None

    @strawberry.field(description="The accounts within 1 to 3 links, nearest and strongest first; null if unknown.")
    async def neighbourhood(
        self, info: Info, account: strawberry.ID, hops: int = 1, limit: int = 50
    ) -> NeighbourConnection | None:
        """Returns what lies around an account."""
        if not 1 <= hops <= MOST_HOPS:
            raise Fault(Code.BAD_USER_INPUT, f"hops is {hops}; it must be 1 to {MOST_HOPS}")
        check_first(limit, PAGE)
        centre = ids.plain_id(ids.NodeType.ACCOUNT, account)
        if await info.context.account.load(centre) is None:
            return None
        found = await info.context.read(lambda store: explore.neighbourhood(centre, hops, limit, _links_of(store)))
        return NeighbourConnection.of(found)

    @strawberry.field(description="What a termination would do: requests stopped, what remains of rings, innocents.")
    async def what_if(self, info: Info, terminate: Termination) -> WhatIf:
        """Returns what terminating these accounts, and all users of these identifiers, would do."""
        accounts = [ids.plain_id(ids.NodeType.ACCOUNT, one) for one in terminate.accounts or ()]
        keys = [ids.plain_id(ids.NodeType.IDENTIFIER, one) for one in terminate.identifiers or ()]
        if not 1 <= len(accounts) + len(keys) <= MOST_TERMINATED:
            raise Fault(Code.BAD_USER_INPUT, f"give 1 to {MOST_TERMINATED} accounts and identifiers to terminate")
        return WhatIf.of(await info.context.read(lambda store: _removal(store, accounts, keys)))

    @strawberry.field(description="What a sign-up would link to, before it is loaded; nothing of it is kept.")
    async def assess(self, info: Info, sign_up: SignUp) -> Assessment:
        """Returns the rings and accounts that a sign-up would link to."""
        acts, facts = info.context.acts, facts_of(sign_up)
        if acts is None:
            raise UnsupportedOperation("this service was started without the job that weighs sign-ups")
        return Assessment.of(await info.context.read(lambda store: acts.assess(store, facts)))

    @strawberry.field(
        description="The cheapest cut of a ring's largest part, in bits; null if it is unknown, or no links make its"
        " members."
    )
    async def evasion_cost(self, info: Info, ring: strawberry.ID) -> EvasionCost | None:
        """Returns what its operator would have to give up for it to fall into two."""
        ring_id = ids.plain_id(ids.NodeType.RING, ring)
        found = await info.context.read(lambda store: _cut(store, ring_id))
        return EvasionCost.of(found) if found else None

    @strawberry.field(
        description="Things whose id begins with a text: accounts, rings, operators, campaigns; keys whole."
    )
    async def search(self, info: Info, text: str, first: int = 20) -> list[SearchHit]:
        """Returns what is found, by kind, then by id."""
        check_first(first, PAGE)
        if not text or len(text) > ids.LONGEST:
            raise Fault(Code.BAD_USER_INPUT, "text is empty or too long")
        view = await info.context.view()
        wanted = AccountFilter(prefix=text)
        accounts = await info.context.read(lambda store: store.find_accounts(wanted, first))
        known = await info.context.account.load_many(accounts)
        key = await info.context.identifier.load(text)
        hits: list[SearchHit] = [Account.of(one) for one in known if one is not None]
        hits += [Ring.of(ring) for ring_id, ring in sorted(view.by_id.items()) if ring_id.startswith(text)]
        hits += [Operator.of(group) for name, group in view.operators.items() if name.startswith(text)]
        hits += [Campaign.of(group) for name, group in view.campaigns.items() if name.startswith(text)]
        return [*hits, *([Identifier.of(key)] if key else [])][:first]


def _cases(info: Info) -> explore.Cases:
    if info.context.acts is None:
        raise UnsupportedOperation("this service was started without the job that makes cases")
    return info.context.acts.cases


def _pair(a: str, b: str) -> tuple[str, str]:
    one, other = sorted(ids.plain_id(ids.NodeType.ACCOUNT, given) for given in (a, b))
    if one == other:
        raise Fault(Code.BAD_USER_INPUT, "a and b are one account; give two")
    return one, other


def _links_of(store: Store) -> explore.path.LinksOf:
    return lambda accounts: store.links_of(accounts, LINKS_PER_ACCOUNT)


def _removal(store: Store, accounts: list[str], keys: list[str]) -> explore.Removal:
    users = store.users_of(keys, MOST_USERS) if keys else {}
    hit = store.accounts(sorted({*accounts, *(one for some in users.values() for one in some)}))
    rings = sorted({one.ring_id for one in hit.values() if one.ring_id and one.role is not Role.BYSTANDER})
    if not rings:
        return explore.removal(hit, [], {}, {})
    return explore.removal(
        hit,
        store.rings_by_id(rings).values(),
        store.members_of(rings, MOST_MEMBERS),
        store.ring_links_of(rings, MOST_USERS * 10),
    )


def _cut(store: Store, ring_id: str) -> explore.Cut | None:
    """Returns the cut that `whyRing` tells: of the same members and links."""
    inside = members_inside(store.members(ring_id, explore.cut.MOST_ACCOUNTS))  # bystanders come last
    if not inside:
        return None
    return explore.cheapest_cut([one.account_id for one in inside], links_inside(store, ring_id, inside))
