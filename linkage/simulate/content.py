"""What each request asks, as numbers: the form of the prompt, its template, its wording, its question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import Banks
from linkage.simulate.randomness import Flags, Floats, Hashes, Ints, below, fraction, mix, zipf
from linkage.simulate.world import World

PUBLIC_PROMPTS = 240
BENCHMARK_QUESTIONS = 600
COMMON_QUESTIONS = 30_000
"""Questions that many people ask in the same words, from homework to the news."""
FIELD_SHIFT = np.uint64(60)
"""The top four bits of a question are its field of knowledge."""


class Form(IntEnum):
    """The sort of prompt."""

    CHAT = 0
    TEMPLATE = 1
    PUBLIC = 2
    BENCHMARK = 3


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts as numbers: `template` and `variant` give the frame, `question` what is asked in it.

    A public prompt's number is in `template`; a chat's `variant` is its manner of asking.
    """

    form: Ints
    template: Hashes
    variant: Ints
    question: Hashes

    def take(self, rows: Ints | Flags) -> Prompts:
        """Returns the prompts at these positions."""
        return Prompts(self.form[rows], self.template[rows], self.variant[rows], self.question[rows])


def draw_prompts(world: World, rng: np.random.Generator, a: Accounts, low: int, account: Ints, own: Flags) -> Prompts:
    """Returns one prompt for each request; `own` marks those of sessions outside any schedule."""
    form = _forms(rng, a, account, own)
    template, variant = _frames(rng, a, account, form)
    return Prompts(form, template, variant, _questions(world, rng, a, low, account, form))


def _forms(rng: np.random.Generator, a: Accounts, account: Ints, own: Flags) -> Ints:
    hides = a.camouflage[account] & own
    templated = np.where(hides, 0.05, a.templated[account])
    luck = rng.random(len(account))
    form = np.where(luck < templated, Form.TEMPLATE, Form.CHAT)
    rest = (luck - templated) / np.maximum(1 - templated, 1e-9)
    form = np.where((form == Form.CHAT) & (rest < a.public[account]), Form.PUBLIC, form)
    benched = rng.random(len(account)) < a.benched[account]
    return np.where(benched, Form.BENCHMARK, form)


def _frames(rng: np.random.Generator, a: Accounts, account: Ints, form: Ints) -> tuple[Hashes, Ints]:
    size = len(account)
    which = a.template_from[account] + (rng.random(size) ** 2 * a.templates[account]).astype(np.int64)
    variant = (rng.random(size) * a.variants[account]).astype(np.int64)
    frame = mix(a.template[account], which)
    frame = np.where(form == Form.PUBLIC, zipf(rng, PUBLIC_PROMPTS, size).astype(np.uint64), frame)
    frame = np.where(form == Form.BENCHMARK, a.benchmark[account].astype(np.uint64), frame)
    manner = np.where(form == Form.CHAT, rng.integers(0, 1 << 20, size), 0)
    return frame, np.where(form == Form.TEMPLATE, variant, manner)


def _questions(world: World, rng: np.random.Generator, a: Accounts, low: int, account: Ints, form: Ints) -> Hashes:
    size = len(account)
    mine = mix(world.seed, account + low, rng.integers(0, 1 << 40, size))
    common = mix(zipf(rng, COMMON_QUESTIONS, size, 0.8), "common question")
    mine = np.where(rng.random(size) < 0.12, common, mine)
    bank = a.bank[account]
    banked = (bank >= 0) & (form == Form.TEMPLATE)
    asked = _from_banks(world.banks, world.seed, bank, rng.random(size))
    tested = mix(a.benchmark[account], below(mine, BENCHMARK_QUESTIONS), "benchmark")
    return np.where(form == Form.BENCHMARK, tested, np.where(banked, asked, mine))


def _from_banks(banks: Banks, seed: int, bank: Ints, luck: Floats) -> Hashes:
    """Returns one question of each bank (-1: any); a campaign's bank holds some of the public data sets'."""
    sizes, fields = np.array([1, *banks.sizes]), np.array([0, *banks.fields], dtype=np.uint64)
    public, borrowed = np.array([-1, *banks.public]), np.array([0, *banks.borrowed])
    number = (luck * sizes[bank + 1]).astype(np.int64)
    borrows = fraction(mix(seed, bank, number, "borrowed")) < borrowed[bank + 1]
    sets = np.flatnonzero(public >= 0)
    chosen = sets[below(mix(bank, number, "set"), len(sets))]
    source = np.where(borrows, chosen, bank + 1)
    number = np.where(borrows, below(mix(seed, bank, number, "row"), sizes[chosen]), number)
    owner = np.where(public[source] >= 0, 0, seed)
    asked = mix(owner, source, number, "question")
    return (asked & np.uint64((1 << 60) - 1)) | (fields[source] << FIELD_SHIFT)
