"""Judging a community by its conduct: offices, classes and agencies share things too, and do not behave so.

Five observations, each in bits (log2 of a ratio to the population) and each bounded so that none decides alone:

- volume: requests of an account over those of the median active account, those that repeat a prompt more than twice
  as often as is usual left out; scripts ask far more than people, and test farms the same each night;
- repertoire: how many different prompts it has in common with the others, for each of them; honest applications
  share a few templates and classes one exercise, a campaign shares hundreds of questions;
- sign-up: how much closer together the accounts were made than accounts are in general;
- timing: what coinciding sessions give to its links;
- record: the share of members known for abuse over the base rate, shrunk as (hits + K·base) / (n + K).

What makes a ring of these is `verdict`'s.

A small repertoire speaks against a ring, as long as its accounts repeat themselves. Where each asks much that nobody
else asks, a campaign may have so many questions that none is asked twice: then the repertoire says nothing, if all
the rest speaks for a ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS, Facet
from linkage.rank.conduct import Conduct, Floats, spread_of
from linkage.rank.profiles import (
    HANDS,
    PURSES,
    Ints,
    active_days,
    days_together,
    grouped_by,
    hand_rate,
    in_common,
    repertoires,
)
from linkage.rank.verdict import ALIKE, BUSIER, BY_CHANCE, CLOSER, Verdict, chance, marked
from linkage.rank.workplace import at_work

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

USUAL_REPERTOIRE = 8.0
"""Prompts in common from which a repertoire speaks for a ring: more than the templates of one application."""

USUAL_PART = 1 / 3
"""The same as a part of what an account asks, where that is less."""

BUSY, TOGETHER, KNOWN, LASTING = 2.0, 3.0, 2.0, 5
"""Bits of volume, of sign-up, and of record and hands in common, and days of activity, from which accounts that ask
what nobody else asks are taken for a script with many questions: four times the usual, made in an eighth of the time,
and at it for longer than a hackathon."""

CAME = 1.0
"""Bits of its own sign-up from which a member came when its ring did."""

POOLED = 0.25
"""Share of an account's different prompts that nobody else ever sent, where they come from a pool; it says so only
where twice as much is usual. What people ask is mostly their own, and what the clients of an agency do."""

DRAWN = 1 / 64
"""The same by pairs, since a few accounts leave much of their pool to each alone: the chance that one other account was
dealt a given prompt of an account's. Among clients of an agency it is one in two hundred."""

PLACED = 0.5
"""Share of their days that accounts spend at a place in common which then explains what they share: a class, an office
or a hall. Who runs accounts seldom has them all sit in one room."""

SHRINKAGE = 10.0
"""K of the shrunken shares of known abuse and of common devices."""

_DAY = 86_400.0
_BOUNDS = {"volume": (-4.0, 4.0), "repertoire": (-3.0, 3.0), "signup": (-2.0, 4.0), "timing": (0.0, 4.0)}
_RECORD = (0.0, 6.0)
_HANDS = (0.0, 3.0)


def judge(incidence: Incidence, ring: Ints, links: LinkColumns, conduct: Conduct) -> list[Verdict]:
    """Returns the verdict on each ring, its members ascending; `ring` is by account number, -1 for none."""
    bounds, members = grouped_by(ring)
    shared = repertoires(incidence, bounds, members)
    timing = _timing(links, ring, members)
    shares, usual = in_common(incidence, bounds, members, HANDS), hand_rate(incidence)
    purses = in_common(incidence, bounds, members, PURSES)
    days, together = active_days(incidence, members), days_together(incidence, bounds, members)
    working = at_work(incidence, bounds, members)
    return [
        _verdict(
            members[begin:end],
            shared[begin:end],
            timing[begin:end],
            float(np.median(days[begin:end])),
            bool(together[begin:end].sum() >= PLACED * max(days[begin:end].sum(), 1)),
            bool(2 * purses[begin:end].sum() >= end - begin),
            bool(working[number]),
            _over(int(shares[begin:end].sum()), end - begin, usual, _HANDS),
            conduct,
        )
        for number, (begin, end) in enumerate(pairwise(bounds.tolist()))
    ]


def without_conduct(ring: Ints, verdicts: Sequence[Verdict], least: float) -> Ints:
    """Returns the members whose own conduct has less than `least` bits, as `judge` found it of the same rings."""
    _, members = grouped_by(ring)
    bits = np.array([one for verdict in verdicts for one in verdict.members])
    return members[bits < least] if len(members) else members


def of_a_kind(ring: Ints, conduct: Conduct) -> npt.NDArray[np.bool_]:
    """Returns which members ask four times as much as is usual and came when the others of their ring did.

    `ring` is by account number, -1 for none. Who was only met by a ring, or pays for the same network, does not.
    """
    out = np.zeros(len(ring), bool)
    bounds, members = grouped_by(ring)
    for begin, end in pairwise(bounds.tolist()):
        some = members[begin:end]
        created = conduct.created[some]
        came = _came(created, _middle(created), spread_of(created), conduct.usual_spread)
        out[some] = (_bits("volume", conduct.volume(some)) >= BUSY) & (came >= CAME)
    return out


def _verdict(
    members: Ints,
    shared: Floats,
    timing: Floats,
    days: float,
    placed: bool,
    one_purse: bool,
    working: bool,
    hands_in_common: float,
    conduct: Conduct,
) -> Verdict:
    created = conduct.created[members]
    spread = spread_of(created) if 2 * np.count_nonzero(~np.isnan(created)) >= len(members) else np.nan
    abuse = conduct.abuse[members]
    record = _over(int(abuse.sum()), len(abuse), conduct.abuse_rate, _RECORD)
    known = record + hands_in_common
    requests = conduct.requests[members]
    usual = np.maximum(np.minimum(USUAL_REPERTOIRE, USUAL_PART * requests), 1)
    repertoire = shared / usual
    # who repeats one exercise keeps a timetable, as test farms do: step tells of those who also ask this and that
    timing = np.where(shared + conduct.alone[members] >= usual, timing, 0.0)
    ratio = conduct.volume(members)
    volume = float(_bits("volume", np.median(ratio)))
    signup = float(_bits("signup", conduct.usual_spread / max(spread, _DAY)))
    fresh = bool(np.median(conduct.alone[members] / usual) >= 1 and days >= LASTING and not placed)
    fresh = fresh and volume >= BUSY and signup >= TOGETHER and known >= KNOWN
    if fresh:
        repertoire = np.maximum(repertoire, 1.0)
    shared_bits = float(_bits("repertoire", np.median(repertoire)))
    step = float(np.clip(np.mean(timing), *_BOUNDS["timing"]))
    dated = not np.isnan(spread)
    asked, came = _bits("volume", ratio), _came(created, _middle(created), spread, conduct.usual_spread)
    against = 0.0 if marked(record, int(abuse.sum())) else _BOUNDS["repertoire"][0]
    of_pool = np.maximum(_bits("repertoire", repertoire), against)
    each = asked + of_pool + came + np.clip(timing, *_BOUNDS["timing"]) + known
    return Verdict(
        bits=round(volume + signup + max(shared_bits, against) + step + known, 3),
        members=tuple(np.round(each, 3).tolist()),
        unlike=tuple(((came < 0) & (asked < BUSIER)).tolist()),
        volume=round(volume, 3),
        repertoire=round(shared_bits, 3),
        signup=round(signup, 3),
        timing=round(step, 3),
        record=round(record, 3),
        hits=int(abuse.sum()),
        run=not dated
        or signup >= CLOSER + BY_CHANCE * chance(len(members))
        or max(record, hands_in_common, step) >= ALIKE,
        fresh=fresh,
        placed=placed,
        pooled=conduct.usual_own >= 2 * POOLED and _from_a_pool(members, shared, conduct),
        one_purse=one_purse,
        at_work=working,
    )


def _from_a_pool(members: Ints, shared: Floats, conduct: Conduct) -> bool:
    """Returns whether accounts ask from a pool; `shared` is their repertoire, by member."""
    if np.median(conduct.own(members)) <= POOLED:
        return True
    dealt = float(np.median(shared / np.maximum(conduct.prompts[members], 1)))
    return bool(1 - max(1 - dealt, 0.0) ** (1 / max(len(members) - 1, 1)) >= DRAWN)


def _bits(name: str, ratio: Any) -> Any:
    """Returns log2 of ratios inside their bounds; nothing known is worth nothing."""
    with np.errstate(divide="ignore"):
        bits = np.clip(np.log2(ratio), *_BOUNDS[name])
    return np.where(np.isnan(ratio), 0.0, bits)


def _came(created: Floats, middle: float, spread: float, usual: float) -> Floats:
    """Returns the bits of each sign-up for a ring whose sign-ups have this middle and spread.

    Who came long before is none of it: the ratio of a Cauchy density of its quartiles to an even one over what is
    usual. Accounts that replace others come later, one by one.
    """
    most = _BOUNDS["signup"][1]
    later, width = created - middle, max(spread, usual / 2**most, _DAY)
    ahead = np.log2(usual / width) - np.log2(1 + (2 * later / width) ** 2)
    behind = _bits("signup", usual / np.maximum(2 * later + spread, _DAY))
    bits = np.where(later < 0, np.clip(ahead, -most, most), behind)
    return np.where(np.isnan(bits), 0.0, bits)


def _over(hits: int, size: int, rate: float, bounds: tuple[float, float]) -> float:
    """Returns the bits of a share of hits, shrunken to the base rate, over this rate."""
    share = (hits + SHRINKAGE * rate) / (size + SHRINKAGE)
    return float(np.clip(np.log2(share / rate), *bounds))


def _middle(created: Floats) -> float:
    """Returns the median of the sign-up times that are known, NaN if none is."""
    known = created[~np.isnan(created)]
    return float(np.median(known)) if len(known) else float("nan")


def _timing(links: LinkColumns, ring: Ints, members: Ints) -> Floats:
    """Returns for each member the mean bits of timing over its links inside its ring."""
    inside = (ring[links.a] == ring[links.b]) & (ring[links.a] >= 0)
    bits = links.facets[inside, FACETS.index(Facet.TIMING)] / 1000
    total, count = np.zeros(len(ring)), np.zeros(len(ring))
    for ends in (links.a[inside], links.b[inside]):
        total += np.bincount(ends, weights=bits, minlength=len(ring))
        count += np.bincount(ends, minlength=len(ring))
    means: Floats = (total / np.maximum(count, 1))[members]
    return means
