"""The cases of members and of rings as DataFrames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from linkage.client.documents import FACETS
from linkage.client.frames import THINGS, frame

RING_THINGS = ("facet", "kind", "key", "place", "degree", "bits", "members")


@dataclass(frozen=True, slots=True)
class MemberCase:
    """Why an account is in its ring.

    `figures`: its ring, role, bits and counts. `strongest`: what it shares with the member to whom its strongest link
    leads, with the sums of the waterfall in `attrs`. `vouchers`: members linked to it, with the bits of each facet.
    `things`: what it shares with the ring. `freeing`: the fewest things without which no link is left; its `attrs` say
    whether they are the fewest (`exact`), and how many it takes `atLeast`. `fragility`: links left without each facet.
    """

    figures: dict[str, Any]
    strongest: pd.DataFrame
    vouchers: pd.DataFrame
    things: pd.DataFrame
    freeing: pd.DataFrame
    fragility: pd.DataFrame
    against: list[str]


@dataclass(frozen=True, slots=True)
class RingCase:
    """What holds a ring together: things, the bridges and weakest members, what is left without each facet, its cut."""

    figures: dict[str, Any]
    things: pd.DataFrame
    bridges: pd.DataFrame
    weakest: pd.DataFrame
    fragility: pd.DataFrame
    cut: dict[str, Any] | None
    against: list[str]


def member_case(found: Mapping[str, Any]) -> MemberCase:
    """Returns the case of a member from the API's answer."""
    names = ("accountId", "ringId", "role", "bits", "weakestFacet", "members", "others", "voucherCount", "thingCount")
    pair = dict(found["strongest"] or {"things": []})
    strongest = frame(pair.pop("things"), THINGS)
    strongest.attrs = pair
    freeing = frame(found["freeing"]["things"], RING_THINGS)
    freeing.attrs = {name: found["freeing"][name] for name in ("atLeast", "exact")}
    vouchers = frame(found["vouchers"], ("accountId", "bits"))
    parts = [{part["facet"].lower(): part["counted"] for part in one["facets"]} for one in found["vouchers"]]
    return MemberCase(
        figures={name: found[name] for name in names},
        strongest=strongest,
        vouchers=vouchers.join(pd.DataFrame(parts, columns=list(FACETS), dtype="float64").fillna(0.0)),
        things=frame(found["things"], RING_THINGS),
        freeing=freeing,
        fragility=frame(found["fragility"], ("facet", "links")),
        against=list(found["against"]),
    )


def ring_case(found: Mapping[str, Any]) -> RingCase:
    """Returns the case of a ring from the API's answer."""
    return RingCase(
        figures={name: found[name] for name in ("ringId", "members", "links")},
        things=frame(found["things"], RING_THINGS),
        bridges=frame(found["bridges"], ("accountIds", "bits", "side")),
        weakest=frame(found["weakest"], ("accountId", "role", "links", "bits", "weakestFacet")),
        fragility=frame(found["fragility"], ("facet", "links", "members", "pieces", "largest")),
        cut=found["cut"],
        against=list(found["against"]),
    )
