"""What is left out in turn: each facet, each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from detection.seam import Variant
from linkage.model.kinds import FACETS, KINDS, Facet
from linkage.rank.wide import Held

_NEVER = -1000.0
"""Bits that everything has."""


def ablations() -> list[Variant]:
    """Returns the variants of detection, each without one thing."""
    return [*(_without_facet(facet) for facet in FACETS), *_RULES]


def _without_facet(facet: Facet) -> Variant:
    if facet is Facet.TIMING:  # a lone start coincides with nothing, and there still is traffic
        query = "SELECT * REPLACE (starts[1:1] AS starts) FROM working.habit"
        return Variant("without timing", "facet", views={"habit": query})
    kinds = [kind.code for kind in KINDS if kind.facet is facet]
    return Variant(f"without {facet.value}", "facet", things=lambda vectors: ~np.isin(vectors["kind"], kinds))


def _always(value: Any) -> Callable[[Any], Any]:
    """Returns what puts one value in place of whatever there is."""
    return lambda _: value


def _unbounded(name: str) -> Variant:
    """Returns the variant that gives no bits for one observation of conduct."""
    bounds = "linkage.rank.judge:_BOUNDS"
    return Variant(f"conduct without {name}", "rule", names={bounds: lambda now: now | {name: (0.0, 0.0)}})


def _unwindowed(constants: Any) -> Any:
    """Returns the constants of the projection with no kind windowed."""
    facet_of, windowed, *others = constants
    return facet_of, windowed & False, *others


def _no_cores_by_content(_incidence: Any, _rare: Any, core: Any, *_: Any) -> Any:
    """Stands in for `cores_by_content`, and for `cores_by_hands`, which takes links at the second place."""
    return core


def _nothing_held(_users: Any, _group: Any, _groups: int, _least: int = 0) -> Held:
    """Stands in for `held`."""
    none = np.empty(0, np.int32)
    return Held(none, none, none, none, none)


def _as_they_are(*others: Any) -> Any:
    """Stands in for `by_forms`, which takes campaigns last."""
    return others[-1]


def _nothing_alone(_owned: Any, _group: Any, groups: int) -> Any:
    """Stands in for `_lone`."""
    return np.zeros(groups)


def _nobody_excused(_con: Any, pairs: Any, _accounts: int) -> Any:
    """Stands in for `excused`."""
    return pairs


def _one_piece(a: Any, b: Any, *_: Any) -> dict[int, int]:
    """Stands in for `leiden`: what hangs together at all is one piece."""
    return dict.fromkeys([*a.tolist(), *b.tolist()], 0)


def _as_given(_a: Any, _b: Any, _bits: Any, community: Any) -> Any:
    """Stands in for `join_pieces`."""
    return community


def _stays(*others: Any, **_: Any) -> Any:
    """Stands in for steps of membership: rings stay as they are."""
    return next(other for other in others if isinstance(other, np.ndarray))


def _nobody(ring: Any, _conduct: Any) -> Any:
    """Stands in for `of_a_kind`."""
    return np.zeros(len(ring), bool)


def _no_manner(_forms: Any, group: Any) -> Any:
    """Stands in for `own_manner`."""
    return np.zeros(len(group), np.int32)


_BREADTHLESS = "SELECT * REPLACE (list_transform(breadth, lambda b: 0::INTEGER) AS breadth) FROM working.habit"
_CHANCELESS = "SELECT * FROM working.meta WHERE name <> 'chance'"


def _rule(name: str, place: str, change: Callable[[Any], Any], *, pooled: bool = False) -> Variant:
    return Variant(name, "rule", names={f"linkage.{place}": change}, pooled=pooled)


_RULES = [
    Variant("without two facets", "rule", settings={"facet_floor": 0.0}),
    Variant("without behaviour", "rule", settings={"behaviour_floor": 0.0}),
    _rule("without the same day", "link.project:_CONSTANTS", _unwindowed),
    Variant("without the charge for chance", "rule", views={"meta": _CHANCELESS}),
    Variant("without breadth", "rule", views={"habit": _BREADTHLESS}),
    _rule("without what is declared", "link.run:excused", _always(_nobody_excused)),
    _rule("without pieces", "detect.pieces:leiden", _always(_one_piece)),
    _rule("without joining of pieces", "detect.partition:join_pieces", _always(_as_given)),
    _rule("without two vouchers", "rank.support:VOUCHERS", _always(1)),
    Variant("without conduct of a ring", "rule", settings={"ring_bits": _NEVER}),
    Variant("without conduct of a member", "rule", settings={"member_bits": _NEVER}),
    *(_unbounded(name) for name in ("volume", "repertoire", "signup", "timing")),
    _rule("without leaving", "rank.membership:_without_strangers", _always(_stays)),
    _rule("without joining", "rank.membership:_with_outsiders", _always(_stays)),
    _rule("without joining by infrastructure", "rank.membership:beside_operators", _always(_stays)),
    _rule("without joining in hiding", "rank.membership:in_hiding", _always(_stays)),
    _rule("without a ring's own manner", "rank.joining:own_manner", _always(_no_manner)),
    _rule("without joining by manner", "rank.membership:by_manner", _always(_stays)),
    _rule("without joining by conduct", "rank.membership:by_conduct", _always(_stays)),
    _rule("whoever asks something else leaves", "rank.membership:of_a_kind", _always(_nobody)),
    _rule("without rings of other campaigns", "rank.membership:of_other_campaigns", _always(_stays)),
    _rule("without cutting", "rank.select:cut", _always(_stays)),
    _rule("without parting once more", "rank.cut:parted", _always(_stays)),
    _rule("strays stay", "rank.cut:at_home", _always(_stays)),
    _rule("nobody is put apart", "rank.cut:on_their_own", _always(_stays)),
    _rule("without mending", "rank.cut:mended", _always(_stays)),
    _rule("without places where rings gather", "rank.cut:gathered", _always(_stays)),
    _rule("without cutting by forms", "rank.cut:formed", _always(_stays), pooled=True),
    _rule("one pool, one campaign", "rank.layers:by_forms", _always(_as_they_are), pooled=True),
    _rule("whoever owns the cards", "rank.overlap:OWN", _always(np.inf)),
    _rule("without the leave of the framed", "rank.select:_without_the_framed", _always(_stays)),
    _rule("without conduct of a campaign", "rank.select:_of_good_campaigns", _always(_stays)),
    _rule("whoever runs the accounts", "rank.judge:CLOSER", _always(_NEVER)),
    _rule("conduct whatever the size", "rank.verdict:LUCK", _always(0.0)),
    _rule("conduct without record", "rank.judge:_RECORD", _always((0.0, 0.0))),
    _rule("conduct without hands", "rank.judge:_HANDS", _always((0.0, 0.0))),
    _rule("without cores by content", "rank.select:cores_by_content", _always(_no_cores_by_content)),
    _rule("without cores by hands", "rank.select:cores_by_hands", _always(_no_cores_by_content)),
    _rule("without webs", "rank.select:webs", _always(_stays)),
    _rule("a staff like all others", "rank.workplace:WORK", _always(())),
    _rule("whoever was banned", "rank.verdict:MARKS", _always(np.inf)),
    _rule("without wide things", "rank.overlap:held", _always(_nothing_held)),
    _rule("every card counts", "rank.overlap:_lone", _always(_nothing_alone)),
    _rule("classes like all others", "rank.judge:PLACED", _always(np.inf)),
    _rule("no repertoire is made good", "rank.verdict:NEARLY", _always(0.0)),
]
