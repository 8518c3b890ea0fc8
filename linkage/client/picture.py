"""Pictures of rings for notebooks, drawn by neo4j-viz: colours are those of the page of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage.client.documents import FACETS

if TYPE_CHECKING:
    import pandas as pd
    from neo4j_viz import VisualizationGraph

ROLES = {"CORE": "#1b1f24", "MEMBER": "#57606a", "BYSTANDER": "#d0d7de"}
COLOURS = {
    "network": "#0072b2",
    "payment": "#c04a00",
    "content": "#00795a",
    "timing": "#a8457f",
    "device": "#8f5d00",
    "profile": "#3a6ea5",
}
"""As in linkage/report/templates/page.css."""
SMALLEST, LARGEST = 8.0, 24.0


def picture(members: pd.DataFrame, links: pd.DataFrame, most: int) -> VisualizationGraph:
    """Returns these members, larger the more bits they have, and the `most` strongest links among them.

    A link has the colour and the name of the facet that gives it most, and is wider the more bits it has.
    """
    from neo4j_viz import Node, Relationship, VisualizationGraph

    shown = set(members.account_id)
    inside = links[links.account_a.isin(shown) & links.account_b.isin(shown)].nlargest(most, "bits")
    top = max(float(members.bits.max()) if len(members) else 0.0, 1.0)
    nodes = [
        Node(
            id=one["account_id"],
            caption=one["account_id"],
            size=SMALLEST + (LARGEST - SMALLEST) * max(0.0, one["bits"]) / top,
            color=ROLES[one["role"]],
            properties={"role": one["role"].lower(), "bits": round(one["bits"], 1), "status": one["status"]},
        )
        for one in members.to_dict("records")
    ]
    strongest = inside[list(FACETS)].idxmax(axis=1)
    lines = [
        Relationship(
            source=one["account_a"],
            target=one["account_b"],
            caption=str(facet),
            color=COLOURS[str(facet)],
            width=1.0 + one["bits"] / 20.0,
            properties={name: round(one[name], 1) for name in ("bits", *FACETS)},
        )
        for one, facet in zip(inside.to_dict("records"), strongest, strict=True)
    ]
    return VisualizationGraph(nodes=nodes, relationships=lines)
