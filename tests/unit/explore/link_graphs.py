"""Links by their bits, and random graphs of them."""

from __future__ import annotations

from hypothesis import strategies as st

from linkage.model.kinds import Facet
from linkage.model.rings import Link

NAMES = "abcdefgh"


def link(a: str, b: str, bits: float, grade: str = "behaviour") -> Link:
    a, b = sorted((a, b))
    return Link(a, b, bits, {Facet.CONTENT: bits}, grade, None, None)


@st.composite
def graphs(draw: st.DrawFn) -> list[Link]:
    pairs = [(a, b) for at, a in enumerate(NAMES) for b in NAMES[at + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=16))
    return [link(a, b, draw(st.integers(1, 9))) for a, b in chosen]
