"""The projection: every pair of accounts whose shared things and timing come to a link (docs/model.md).

For each account in turn, the telling infrastructure that the accounts behind it share with it is summed up; those
for whom it suffices are weighed by all that both used, the shorter list of things against the other.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from linkage.link.grade import N_FACETS, N_KINDS, weigh
from linkage.link.meeting import crowds, meet
from linkage.link.outline import outline
from linkage.link.rule import Rule
from linkage.link.shared import SIEVE
from linkage.model.columns import LinkColumns
from linkage.model.kinds import BEHAVIOUR, FACETS, KINDS
from linkage.model.weights import LINKS_WEIGHED, NO_GRADE
from linkage.working.incidence import Incidence

OPENS = np.array([kind.supports and kind.facet not in BEHAVIOUR for kind in KINDS])
FACET_OF = np.array([FACETS.index(kind.facet) for kind in KINDS], np.int64)
_WINDOWED = np.array([kind.windowed for kind in KINDS])
_SUPPORTS = np.array([kind.supports for kind in KINDS])
_CONSTANTS = (
    FACET_OF,
    _WINDOWED,
    _SUPPORTS,
    OPENS,
)  # arguments, since compiled code keeps the globals it was made with
_STRETCH = 4096  # accounts a task: small enough to share out evenly, large enough to forget the overhead


def project(incidence: Incidence, rule: Rule, threads: int) -> LinkColumns:
    """Returns every pair that is a link, in no particular order that a user should rely on."""
    stretches = [(at, min(at + _STRETCH, incidence.accounts)) for at in range(0, incidence.accounts, _STRETCH)]
    pads = [pad_of(incidence) for _ in range(max(1, min(threads, len(stretches))))]
    given = given_of(incidence, rule)
    order = order_of(incidence)

    def work(number: int) -> list[Any]:
        return [_rows(begin, end, order, given, pads[number]) for begin, end in stretches[number :: len(pads)]]

    with ThreadPoolExecutor(len(pads)) as pool:
        found = [part for parts in pool.map(work, range(len(pads))) for part in parts]
    return columns_of(np.concatenate([np.empty((0, 4 + N_FACETS), np.int32), *found]))


def order_of(incidence: Incidence) -> npt.NDArray[np.int64]:
    """Returns accounts in the order in which they are taken: by their rarest address, those without one last.

    Who meets at an address then comes one after another, while their lists are still in a cache. Links do not depend
    on it.
    """
    first, none = incidence.of_address, len(incidence.kind)
    has = first < incidence.of_content
    rarest = np.full(incidence.accounts, none, np.int32)
    rarest[has] = incidence.thing[first[has]]
    return np.argsort(rarest, kind="stable")


def columns_of(rows: npt.NDArray[np.int32]) -> LinkColumns:
    """Returns links from rows of a, b, bits, facets and grade."""
    a, b, bits = (np.ascontiguousarray(rows[:, at]) for at in range(3))
    return LinkColumns(a, b, bits, np.ascontiguousarray(rows[:, 3:-1]), rows[:, -1].astype(np.uint8))


def given_of(incidence: Incidence, rule: Rule, crowded: npt.NDArray[np.bool_] | None = None) -> tuple[Any, ...]:
    """Returns what the compiled loops are given.

    `crowded`: at which things not all who meet there were tallied; None finds them, from all users of things.
    """
    theirs = incidence.of_thing, incidence.user, incidence.user_block, incidence.user_days
    if crowded is None:
        crowded = crowds(theirs[0], theirs[1:], (incidence.kind, _WINDOWED, OPENS))
    return (
        (
            incidence.of_account,
            incidence.thing,
            incidence.block,
            incidence.days,
            incidence.of_address,
            incidence.of_content,
        ),
        theirs,
        (incidence.kind, incidence.millibits, np.ascontiguousarray(incidence.breadth.T), *_CONSTANTS, crowded),
        (incidence.of_starts, incidence.starts),
        outline(incidence, rule, (FACET_OF, OPENS), crowded),
        rule.limits(),
        np.array(rule.chance),
    )


def pad_of(incidence: Incidence) -> tuple[Any, ...]:
    """Returns what one thread writes on.

    By account: in which turn it was met last with the sum of what is shared, and those met, and the number of the
    turn; by thing: in which turn it was marked last with the row, counted from its first; a sieve of things, small
    enough for a cache; whose things are marked, and in which turn. Turns rise, so that a mark of another turn is lower
    than one's own.
    """
    accounts, things = incidence.accounts, len(incidence.kind)
    marks = np.full(things, -1, np.int64), np.zeros(SIEVE >> 6, np.uint64), np.full(2, -1, np.int64)
    return np.full(accounts, -1, np.int64), np.empty(accounts, np.int32), np.zeros(1, np.int64), *marks


@numba.njit(cache=True, nogil=True)
def _rows(begin: int, end: int, order: Any, given: Any, pad: Any) -> Any:
    mine, theirs, weights, _, outlines, limits, _ = given
    found = np.empty((1024, 4 + N_FACETS), np.int32)
    size = 0
    for a in order[begin:end]:
        candidates, telling = meet(a, limits, mine, theirs, weights, outlines, pad)
        found, size = weigh_all(a, candidates, telling, given, pad, found, size)
    return found[:size].copy()


@numba.njit(cache=True, nogil=True)
def weigh_all(a: int, candidates: Any, telling: Any, given: Any, pad: Any, found: Any, size: int) -> Any:
    """Adds the links of `a` with candidates behind it to the rows found; returns these and how many are filled."""
    sums = np.zeros(N_KINDS, np.int64)
    facets, support = np.zeros(N_FACETS, np.int64), np.zeros(N_FACETS, np.int64)
    links = 0
    for number in range(len(candidates)):
        b = candidates[number]
        grade = weigh(a, b, telling[number], given, pad, sums, facets, support)
        if grade == NO_GRADE:
            continue
        if size == len(found):
            found = np.concatenate((found, np.empty_like(found)))
        found[size, 0], found[size, 1], found[size, 2] = a, b, facets.sum()
        found[size, 3:-1] = facets
        found[size, -1] = grade
        size += 1
        links += 1
        if links == LINKS_WEIGHED:
            break
    return found, size
