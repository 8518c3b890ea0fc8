"""How many things accounts use, facet by facet: what the breadth of an account is measured by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkage.model.kinds import FACETS, KINDS

if TYPE_CHECKING:
    from linkage.working.incidence import Incidence

_FACET = np.array([FACETS.index(kind.facet) for kind in KINDS])


def usual_uses(incidence: Incidence) -> dict[str, float]:
    """Returns `usual_FACET`: how many things worth anything accounts use that use any, on average (m of the model)."""
    account = np.repeat(np.arange(incidence.accounts), np.diff(incidence.of_account))
    first = np.ones(len(account), np.bool_)
    first[1:] = (account[1:] != account[:-1]) | (incidence.thing[1:] != incidence.thing[:-1])
    facet = _FACET[incidence.kind[incidence.thing]]
    found = {}
    for number, name in enumerate(FACETS):
        count = np.bincount(account[first & (facet == number)], minlength=incidence.accounts)
        if count.any():
            found[f"usual_{name}"] = round(float(count[count > 0].mean()), 6)
    return found
