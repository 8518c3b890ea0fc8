"""Decisions of analysts: made, taken back, and asked for by the jobs that honour them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from linkage.errors import InputError, NotFound, VersionConflict
from linkage.model.decisions import Conflict, Decision, Ruling, contradictions
from linkage.model.rings import Role
from linkage.stores.base import Store

if TYPE_CHECKING:
    import duckdb


def holding(store: Store, now: datetime) -> list[Decision]:
    """Returns the decisions that count at this moment, by time, then id."""
    return [decision for decision in store.decisions() if decision.holds(now)]


def decide(
    store: Store,
    ruling: Ruling,
    *,
    accounts: Sequence[str] = (),
    ring_id: str = "",
    author: str,
    reason: str,
    expires: datetime | None = None,
    decision_id: str = "",
) -> Decision:
    """Keeps a new decision and returns it, under a new id unless one is given; the next run honours it.

    NotFound names an account or ring that the store does not hold. InputError: a decision that cannot be, or
    that contradicts one that holds, which must be revoked first.
    """
    now = datetime.now(UTC)
    _require_known(store, accounts, ring_id)
    if ring_id and ruling is Ruling.CONFIRMED:
        accounts = [one.account_id for one in store.members(ring_id) if one.role is not Role.BYSTANDER]
        if len(accounts) < 2:
            raise InputError(f"{ring_id} has no members in the current run: there is nothing to confirm")
    try:
        decision = Decision(
            decision_id or f"decision-{secrets.token_hex(6)}",
            1,
            ruling,
            tuple(accounts),
            ring_id,
            author,
            reason,
            now,
            expires,
        )
    except ValueError as error:
        raise InputError(str(error)) from error
    _refuse_contradictions(store, decision, now)
    store.keep_decision(decision)
    return decision


def revoke(store: Store, decision_id: str, version: int, author: str) -> Decision:
    """Takes a decision back and returns it; VersionConflict unless `version` is the one that is kept."""
    kept = next((one for one in store.decisions() if one.decision_id == decision_id), None)
    if kept is None:
        raise NotFound(f"there is no decision «{decision_id}» in {store.url}: `linkage decisions list` lists them")
    if kept.version != version or kept.revoked is not None:
        state = "revoked already" if kept.revoked else f"at version {kept.version}"
        raise VersionConflict(f"{decision_id} is {state}, not at version {version}: read it again, and decide anew")
    revoked = replace(kept, version=version + 1, revoked=datetime.now(UTC), revoked_by=author)
    store.keep_decision(revoked)
    return revoked


def ordinals_of(con: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> dict[str, int]:
    """Returns the ordinals of the accounts that decisions name, as far as the working file knows them."""
    named = sorted({account for decision in decisions for account in decision.accounts})
    query = "SELECT id, ordinal FROM account JOIN habit USING (account) WHERE list_contains(?, id)"
    return dict(con.execute(query, [named]).fetchall())


def rejected_rings(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Returns the rings that are none, each with the decision that says so."""
    return {one.ring_id: one for one in decisions if one.ring_id and one.ruling is Ruling.REJECTED}


def conflicts(
    run_id: str,
    against: Sequence[tuple[Decision, str]],
    decisions: Sequence[Decision],
    rings: Mapping[str, Collection[str]],
) -> list[Conflict]:
    """Returns where evidence spoke against decisions: what was said while rings were changed, rejected rings that
    evidence makes again, and who is in such a ring and should be in one; `rings` are those found, with their members.
    """
    rejected = rejected_rings(decisions)
    said = [Conflict(run_id, decision.decision_id, text) for decision, text in against]
    said += [
        Conflict(run_id, decision.decision_id, f"{ring_id}, in which it has accounts, is none by {other.decision_id}")
        for ring_id, other in rejected.items()
        for decision in decisions
        if (decision.binds or decision.ruling is Ruling.CONFIRMED)
        and not set(decision.accounts).isdisjoint(rings.get(ring_id, ()))
    ]
    said += [
        Conflict(run_id, decision.decision_id, f"evidence makes {ring_id} a ring of {len(rings[ring_id])} accounts")
        for ring_id, decision in rejected.items()
        if ring_id in rings
    ]
    return sorted(set(said), key=lambda one: (one.decision_id, one.said))


def _require_known(store: Store, accounts: Sequence[str], ring_id: str) -> None:
    known = store.accounts(accounts) if accounts else {}
    for account in accounts:
        if account not in known:
            raise NotFound(f"there is no account «{account}» in {store.url}")
    if ring_id and store.ring(ring_id) is None:
        raise NotFound(f"there is no ring «{ring_id}» in {store.url}: `linkage rings` lists them")


def _refuse_contradictions(store: Store, decision: Decision, now: datetime) -> None:
    for one, other in contradictions([*holding(store, now), decision]):
        if decision.decision_id == one.decision_id:
            raise InputError(f"this contradicts {other.decision_id}: revoke that decision first")
        if decision.decision_id == other.decision_id:
            raise InputError(f"this contradicts {one.decision_id}: revoke that decision first")
