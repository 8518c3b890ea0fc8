"""Campaigns: what fakes are run for. Each has its questions, its prompts, its models and a quota of exchanges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import Ground
from linkage.simulate.people import MODELS, RELEASE_DAY
from linkage.simulate.randomness import Ints

FULL_FAKES = 24_000
QUOTAS = (150_000, 3_400_000, 13_000_000)
"""Exchanges of the three campaigns when `FULL_FAKES` accounts work for them; fewer do in proportion."""
ACCOUNT_SHARES = (0.12, 0.30, 0.58)
TEMPLATE_POOL = 60
"""Prompt templates that a campaign hands to its operators; each operator uses some."""
BORROWED = 0.1
"""Share of a campaign's questions that come from public data sets, which honest people use too."""
ASKED = 2.5
"""How often a question of a campaign is asked on average."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: the key of its templates, its bank of questions, its model, whether it pivots."""

    number: int
    template: int
    bank: int
    model: int
    pivots: bool


def campaigns(ground: Ground, fakes: int, *, shared_questions: bool) -> list[Campaign]:
    """Returns the three campaigns for this many fakes; they may all draw from one pool of questions."""
    quotas = quota(fakes)
    keys = ground.templates(len(QUOTAS))
    common = ground.banks.add(int(quotas.sum() / ASKED), 3, borrowed=BORROWED) if shared_questions else -1
    made = []
    for number, exchanges in enumerate(quotas):
        bank = common if shared_questions else _bank(ground, int(exchanges), number)
        model = int(ground.rng.integers(0, MODELS))
        made.append(Campaign(number, int(keys[number]), bank, model, number == len(QUOTAS) - 1))
    return made


def _bank(ground: Ground, exchanges: int, number: int) -> int:
    return ground.banks.add(int(exchanges / ASKED), 2 + 4 * number, borrowed=BORROWED)


def quota(fakes: int) -> Ints:
    """Returns the exchanges of each campaign in a world with this many fakes."""
    return (np.array(QUOTAS) * fakes / FULL_FAKES).astype(np.int64)


def enlist(ground: Ground, a: Accounts, campaign: Ints, made: list[Campaign], templates: int) -> None:
    """Gives the accounts their campaigns' prompts, of which their operator uses `templates`."""
    rng = ground.rng
    a.campaign[:] = campaign
    a.template[:] = np.array([c.template for c in made], dtype=np.uint64)[campaign]
    a.bank[:] = np.array([c.bank for c in made])[campaign]
    a.model[:] = np.array([c.model for c in made])[campaign]
    start = rng.integers(0, TEMPLATE_POOL - templates + 1, len(made))
    a.template_from[:] = start[campaign]
    a.templates[:] = templates
    pivot = np.array([c.pivots for c in made])[campaign]
    a.pivots[:] = np.where(pivot, RELEASE_DAY + 1 + rng.random(len(a)) * 0.8, np.inf)


def fill_quotas(a: Accounts) -> None:
    """Scales the accounts' requests so that each campaign comes to its quota."""
    quotas = quota(len(a))
    asleep = (np.minimum(a.gap_to, a.last) - np.maximum(a.gap_from, a.first)).clip(min=0)
    awake = 1 - np.where(np.isfinite(a.gap_from), asleep / (a.last - a.first), 0)
    for number, exchanges in enumerate(quotas):
        here = a.campaign == number
        if here.any():
            a.requests[here] *= exchanges / (a.requests[here] * awake[here]).sum()
    a.requests[:] = np.maximum(a.requests, 3)
