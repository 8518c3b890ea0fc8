"""The projection in parts, each of which holds a part of the things or of the accounts: for engines of many machines.

Two accounts meet at each thing apart, and what they share of telling infrastructure adds up over parts of things. A
pair is weighed where the lists of both are at hand. Either is done by the loops of the projection itself, so that
links are the same; numbers of accounts and things are those of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.link.dates import shared_minutes
from linkage.link.grade import N_FACETS
from linkage.link.meeting import meetings
from linkage.link.project import FACET_OF, OPENS, columns_of, given_of, pad_of, weigh_all
from linkage.link.rule import Rule
from linkage.model.columns import LinkColumns
from linkage.working.incidence import Incidence, build
from linkage.working.vectors import Vectors

Rows = Mapping[str, npt.NDArray[Any]]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Links between accounts, and the first and last minute of what they shared (see `dates`)."""

    links: LinkColumns
    first: Ints
    last: Ints


def telling_rows(incidence: Incidence, rule: Rule, begin: int, end: int) -> dict[str, npt.NDArray[Any]]:
    """Returns the rows for `meetings_at` of the things in [begin, end) at which accounts can meet at all."""
    of_thing = incidence.of_thing
    telling = OPENS[incidence.kind[begin:end]] & (incidence.millibits[begin:end] >= rule.telling)
    size = np.diff(of_thing[begin : end + 1])
    rows = of_thing[begin] + np.flatnonzero(np.repeat(telling, size))
    thing = np.repeat(np.arange(begin, end, dtype=np.int32)[telling], size[telling])
    kind, account = incidence.kind[thing], incidence.user[rows]
    return {
        "thing": thing,
        "kind": kind,
        "millibits": incidence.millibits[thing],
        "account": account,
        "block": incidence.user_block[rows],
        "days": incidence.user_days[rows],
        "breadth": incidence.breadth[account, FACET_OF[kind]],
    }


def meetings_at(rows: Rows, rule: Rule) -> tuple[Ints, Ints, Ints]:
    """Returns who meets at these things, a < b, and the millibits of telling infrastructure that they share there.

    `rows` are all uses of some things: thing, kind, millibits, account, block, days, and the account's breadth in the
    facet of the kind.
    """
    names, account = np.unique(rows["account"], return_inverse=True)
    breadth = np.zeros((len(names), N_FACETS), np.int32)
    breadth[account, FACET_OF[rows["kind"]]] = rows["breadth"]
    incidence = _incidence(rows, account.astype(np.int32), breadth, np.zeros(len(names) + 1, np.int64), _NOTHING)
    mine, theirs, weights, _, _, limits, _ = given_of(incidence, rule)
    found = meetings(limits, mine, theirs, weights, pad_of(incidence))
    return names[found[:, 0]], names[found[:, 1]], found[:, 2]


def weigh_pairs(pairs: Rows, accounts: Ints, lists: Rows, bounds: Rows, rule: Rule) -> Weighed:
    """Returns which of the pairs are links.

    `pairs`: a, b, telling, where those of one `a` come in the order in which they are to be weighed, and are all
    there. `accounts` ascend and hold every account of a pair. Their lists lie end to end: `breadth` by facet, minutes
    of `starts`, and uses by thing, kind, millibits, block and days; `bounds` has the ends of `starts` and of `thing`.
    """
    account = np.repeat(np.arange(len(accounts), dtype=np.int32), np.diff(bounds["thing"]))
    breadth = lists["breadth"].reshape(-1, N_FACETS)
    incidence = _incidence(lists, account, breadth, bounds["starts"], lists["starts"])
    order = np.argsort(pairs["a"], kind="stable")
    a, b = (np.searchsorted(accounts, pairs[name][order]).astype(np.int32) for name in ("a", "b"))
    unknown = np.ones(len(incidence.kind), bool)  # users of things are not all there: any may be crowded
    given = given_of(incidence, rule, unknown)
    found = _weigh(a, b, pairs["telling"][order].astype(np.int64), given, pad_of(incidence))
    near = columns_of(found)
    first, last = shared_minutes(incidence, near)
    far = LinkColumns(accounts[near.a], accounts[near.b], near.bits, near.facets, near.grade)
    return Weighed(far, first, last)


_NOTHING = np.empty(0, np.int32)


def _incidence(rows: Rows, account: Ints, breadth: Ints, of_starts: Any, starts: Ints) -> Incidence:
    """Returns the incidence of rows whose accounts are numbered from 0; things keep their order."""
    order = np.lexsort((rows["block"], account, rows["thing"]))
    thing = rows["thing"][order]
    begins = np.flatnonzero(np.diff(thing, prepend=-1))
    kind = rows["kind"][order][begins].astype(np.uint8)
    vectors: Vectors = {
        "size": np.diff(np.append(begins, len(thing))).astype(np.int32),
        "kind": kind,
        "place": np.zeros(len(kind), np.uint8),
        "millibits": rows["millibits"][order][begins].astype(np.int32),
        "account": account[order],
        "block": rows["block"][order].astype(np.int16),
        "days": rows["days"][order].astype(np.uint64),
    }
    return build(vectors, np.ascontiguousarray(breadth, np.int32), of_starts.astype(np.int64), starts.astype(np.int32))


@numba.njit(cache=True, nogil=True)
def _weigh(a: Any, b: Any, telling: Any, given: Any, pad: Any) -> Any:
    found = np.empty((1024, 4 + N_FACETS), np.int32)
    size, begin = 0, 0
    while begin < len(a):
        end = begin
        while end < len(a) and a[end] == a[begin]:
            end += 1
        found, size = weigh_all(a[begin], b[begin:end], telling[begin:end], given, pad, found, size)
        begin = end
    return found[:size].copy()
