"""What a new sign-up would link to, in a moment and without a trace: nothing is written anywhere.

The facts take the way of every load (checks, keyed hashes, fingerprints), and the links are weighed by the rule of
`linkage why`, as if the account were the next one in the store.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from linkage.derive import PlaceLists
from linkage.derive.sign_up import SignUps
from linkage.errors import InputError, NotFound
from linkage.fingerprint import prompt_keys
from linkage.jobs.explain import run_chance
from linkage.jobs.given import text_of
from linkage.jobs.joined import join
from linkage.jobs.site import Site
from linkage.link import Explainer
from linkage.model.batches import RawBatch, Reason
from linkage.model.facts import BY_NAME
from linkage.model.kinds import Facet
from linkage.model.rings import Evidence, RingStatus, Role
from linkage.model.weights import needed_bits
from linkage.stores.base import Store
from linkage.validate import Validator

SIGN_UP = "sign-up"
"""The account's id where its facts give none."""

MOST_USERS = 256
"""What more accounts than this used is not gone through: it says little of any of them."""

MOST_ACCOUNTS = 20
"""Accounts that share most with the sign-up are weighed, so many of them."""


@dataclass(frozen=True, slots=True)
class AttachedRing:
    """A ring that the sign-up would link to: how many of its accounts, and the bits of the strongest link by facet."""

    ring_id: str
    status: RingStatus
    size: int
    links: int
    bits: float
    facets: dict[Facet, float]


@dataclass(frozen=True, slots=True)
class AttachedAccount:
    """An account that shares something with the sign-up, its ring, and the waterfall; `linked` if it is a link."""

    account_id: str
    ring_id: str | None
    role: Role | None
    status: str
    linked: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a sign-up would link to: rings by links and bits, accounts by bits; `needed`: the bits of a link.

    `identifiers`: how many things it used; `known`: how many of them somebody else used before.
    """

    account_id: str
    run_id: str
    needed: float
    identifiers: int
    known: int
    rings: tuple[AttachedRing, ...]
    accounts: tuple[AttachedAccount, ...]


class Attacher:
    """Answers for one sign-up after another; used by one thread. What it needs once, it has when it is made."""

    def __init__(self, site: Site, store: Store) -> None:
        self._settings = site.settings
        self._store = store
        self._keyring = site.keyring()
        self._sign_ups = SignUps(self._keyring, PlaceLists.read(site.settings.lists))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sign_ups.close()

    def attach(self, facts: Mapping[str, Any]) -> Attachment:
        """Returns what the account of these facts would link to.

        `facts` holds rows by table, with the columns of docs/facts.md: `{"accounts": [{…}], "requests": [{…}], …}`;
        `account_id` may be left out. InputError names what cannot be used, NotFound says that nothing is published.
        """
        run = self._store.current_run()
        if run is None:
            raise NotFound(f"nothing is published in {self._store.url}: run `linkage detect` first")
        sign_up = self._sign_ups.take([self._clean(table, rows) for table, rows in _tables(facts)])
        around = self._store.sharing_tables([use.key for use in sign_up.uses], MOST_USERS)
        joined = join(around, sign_up, run, MOST_ACCOUNTS, self._store.account_tables)
        explain = Explainer(
            joined.graph,
            int(run.counts["accounts"]) + 1,
            self._settings,
            traffic=bool(run.counts["traffic"]),
            chance=run_chance(run),
        )
        rings = self._store.memberships(joined.nearest)
        named = partial(_named, name=joined.name, sign_up=sign_up.account_id)
        found = [
            _account(one, status, rings.get(one), named(explain.evidence(joined.name, one)))
            for one, status in joined.status.items()
        ]
        found.sort(key=lambda one: (not one.linked, -one.evidence.bits, one.account_id))
        return Attachment(
            sign_up.account_id,
            run.run_id,
            needed_bits(int(run.counts["accounts"]) + 1, self._settings.link_margin),
            len(sign_up.uses),
            joined.known,
            self._rings(found),
            tuple(found),
        )

    def _clean(self, name: str, rows: Sequence[Mapping[str, Any]]) -> Any:  # a table, its good rows, its prompts
        import pyarrow as pa

        table = BY_NAME[name]
        columns = {one.name: pa.array([row.get(one.name) for row in rows], pa.string()) for one in table.columns}
        with Validator() as validator:
            batch = validator.check(RawBatch(table, "the sign-up", pa.RecordBatch.from_pydict(columns), 1, 0))
        if validator.rejected:
            raise _unusable(name, validator.reasons)
        return name, batch, prompt_keys(batch, self._keyring) if name == "requests" else None

    def _rings(self, found: Sequence[AttachedAccount]) -> tuple[AttachedRing, ...]:
        by_ring: dict[str, list[AttachedAccount]] = defaultdict(list)
        for one in found:
            if one.linked and one.ring_id is not None and one.role is not Role.BYSTANDER:
                by_ring[one.ring_id].append(one)
        rings = self._store.rings_by_id(sorted(by_ring))
        made = [
            AttachedRing(
                ring_id,
                rings[ring_id].status,
                rings[ring_id].size,
                len(accounts),
                accounts[0].evidence.bits,
                {facet.facet: facet.counted for facet in accounts[0].evidence.facets},
            )
            for ring_id, accounts in by_ring.items()
            if ring_id in rings
        ]
        return tuple(sorted(made, key=lambda ring: (-ring.links, -ring.bits, ring.ring_id)))


def _tables(facts: Mapping[str, Any]) -> list[tuple[str, list[dict[str, str | None]]]]:
    """Returns the rows by table as text, the account's first, each with the account's id."""
    unknown = sorted(set(facts) - set(BY_NAME))
    if unknown:
        raise InputError(f"«{_shown(unknown[0])}» is no table of facts; known are {', '.join(BY_NAME)}")
    tables = {name: _rows(name, facts.get(name) or []) for name in BY_NAME}
    named = {row["account_id"] for rows in tables.values() for row in rows if row["account_id"]}
    if len(named) > 1:
        raise InputError(f"the facts are of {len(named)} accounts: give those of one sign-up")
    account_id = next(iter(named), SIGN_UP)
    tables["accounts"] = tables["accounts"] or [{}]
    return [(name, [{**row, "account_id": account_id} for row in rows]) for name, rows in tables.items() if rows]


def _named(evidence: Evidence, *, name: str, sign_up: str) -> Evidence:
    """Returns evidence under the name that the sign-up was given, instead of that which it had among accounts."""
    a, b = (sign_up if one == name else one for one in (evidence.account_a, evidence.account_b))
    return replace(evidence, account_a=a, account_b=b)


def _rows(name: str, rows: object) -> list[dict[str, str | None]]:
    """Returns the rows of a table as text; InputError tells how many are no rows at all, and why."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(f"{name} must be a list of rows, each an object")
    columns = BY_NAME[name].columns
    made = [{one.name: text_of(one, row.get(one.name)) for one in columns} for row in rows]
    faults = [[one for one in row.values() if isinstance(one, Reason)] for row in made]
    if any(faults):
        raise _unusable(name, Counter(found[0] for found in faults if found))
    return made


def _unusable(name: str, reasons: Mapping[str, int]) -> InputError:
    told = ", ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items()))
    return InputError(f"rows of {name} cannot be used: {told}")


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:40])


def _account(account_id: str, status: str, membership: tuple[str, Role] | None, evidence: Evidence) -> AttachedAccount:
    ring_id, role = membership or (None, None)
    return AttachedAccount(account_id, ring_id, role, status, bool(evidence.grade), evidence)
