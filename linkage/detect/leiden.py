"""Leiden in the process, where a store finds no communities itself (Traag, Waltman and van Eck 2019)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SEED = 20_260_223
ITERATIONS = 2


def leiden(
    a: npt.NDArray[np.int32], b: npt.NDArray[np.int32], bits: npt.NDArray[np.int32], resolution: float
) -> dict[int, int]:
    """Returns the community of each node by modularity at this resolution; equal edges, equal answer."""
    from graspologic_native import leiden as native

    edges = [
        (str(one), str(two), float(weight))
        for one, two, weight in zip(a.tolist(), b.tolist(), bits.tolist(), strict=True)
    ]
    _, communities = native(
        edges=edges,
        starting_communities=None,
        resolution=resolution,
        randomness=0.001,
        iterations=ITERATIONS,
        use_modularity=True,
        seed=SEED,
        trials=1,
    )
    return {int(node): int(community) for node, community in communities.items()}
