"""The planted rings: who runs them, how they hide, how long they live, and whom they drag along."""

from __future__ import annotations

import numpy as np

from linkage.simulate import evaders
from linkage.simulate.accounts import Accounts
from linkage.simulate.campaigns import ACCOUNT_SHARES, FULL_FAKES, Campaign, campaigns, enlist, fill_quotas
from linkage.simulate.evaders import Crew
from linkage.simulate.ground import DAYS, Ground
from linkage.simulate.network import Stick
from linkage.simulate.people import people
from linkage.simulate.randomness import Flags, Ints, crews
from linkage.simulate.vocabulary import Context, Evader

FAKE_SHARE = 0.024
FEWEST_FAKES = 200
SHARES = {Evader.LAZY: 0.16, Evader.MID: 0.2, Evader.CAREFUL: 0.14, Evader.SMALL: 0.1}
"""Share of the fakes by evader; the proxy operator has the rest."""
BYSTANDERS = 0.3
"""Paying customers of the proxy operator, for each of its fakes."""
TEMPLATES = {Evader.LAZY: 2, Evader.MID: 8, Evader.CAREFUL: 10, Evader.PROXY: 15}


def fakes_for(accounts: int) -> int:
    """Returns how many fakes a world of this many honest accounts has."""
    return min(FULL_FAKES, max(FEWEST_FAKES, round(accounts * FAKE_SHARE)))


class Underworld:
    """Builds all rings of a world, and the innocents whom they drag along."""

    def __init__(self, ground: Ground, fakes: int, proxies: Ints, homes: Ints, *, shared_questions: bool):
        self.ground = ground
        self.proxies = proxies
        self.homes = homes
        self.fakes = fakes
        self.campaigns: list[Campaign] = campaigns(ground, fakes, shared_questions=shared_questions)
        self.operators = 0
        self.innocents: list[Accounts] = []

    def build(self) -> Accounts:
        """Returns all fakes; afterwards `innocents` holds the bystanders and the framed."""
        made: list[Accounts] = []
        for evader, share in SHARES.items():
            made.extend(self._ring(evader, int(size)) for size in self._sizes(evader, share))
        made.append(self._proxy_operator(self.fakes - sum(len(ring) for ring in made)))
        rings = Accounts.concat(made)
        fill_quotas(rings)
        return rings

    def _sizes(self, evader: Evader, share: float) -> Ints:
        total = round(self.fakes * share)
        if evader is Evader.SMALL:
            return crews(self.ground.rng, total, 5, 20, 10, 0.5)
        return crews(self.ground.rng, total, 21, 4000, 1.5 * self.fakes**0.5, 0.6)

    def _ring(self, evader: Evader, size: int) -> Accounts:
        rng = self.ground.rng
        style = evader
        if evader is Evader.SMALL:
            style = Evader(int(rng.choice([Evader.LAZY, Evader.MID, Evader.CAREFUL], p=[0.4, 0.35, 0.25])))
        a = self._recruits(size, evader)
        enlist(self.ground, a, self._work(size), self.campaigns, TEMPLATES[style])
        # a third of the rings, and at least one careful one, so that every world has its framed
        frames = rng.random() < 0.35 or (evader is Evader.CAREFUL and not self.innocents)
        cafe = int(self.ground.sites(a.country[:1])[0]) if frames else -1
        crew = Crew(start=float(rng.random() * 10), proxies=self.proxies, cafe=cafe)
        {Evader.LAZY: evaders.lazy, Evader.MID: evaders.mid, Evader.CAREFUL: evaders.careful}[style](
            self.ground, a, crew
        )
        if frames:
            a.come_from(3, cafe, 0.04, Stick.DAY)
            self._frame(a, crew)
        self._live(a, crew)
        if style is not Evader.CAREFUL and size >= 16:
            self._merge_or_split(a)
        return a

    def _recruits(self, size: int, evader: Evader) -> Accounts:
        a = people(self.ground, size, Context.RING, builders=0.3)
        a.operator[:] = self.operators
        a.evader[:] = evader
        a.requests[:] = np.exp(self.ground.rng.normal(4, 0.8, size))
        a.benched[:] = 0
        self.operators += 1
        return a

    def _work(self, size: int) -> Ints:
        """Returns the campaign of each account: one for the ring; two halves for one operator in ten."""
        rng = self.ground.rng
        two = rng.choice(len(ACCOUNT_SHARES), size=2, p=ACCOUNT_SHARES)
        if size < 40 or rng.random() > 0.1:
            two[1] = two[0]
        return two[(np.arange(size) >= size // 2).astype(np.int64)]

    def _live(self, a: Accounts, crew: Crew) -> None:
        """Sets when each account works; some rings sleep for a week, some lose a part and replace it."""
        rng, size = self.ground.rng, len(a)
        a.first[:] = np.maximum(np.maximum(crew.start, a.created + rng.random(size)), 0)
        end = DAYS if rng.random() < 0.7 else 20 + rng.random() * 9
        a.last[:] = np.maximum(end - rng.random(size), a.first + 1)
        if rng.random() < 0.15:
            a.gap_from[:], a.gap_to[:] = 14 + rng.random(), 21 + rng.random()
        if size >= 10 and rng.random() < 0.5:
            self._ban_and_replace(a)

    def _ban_and_replace(self, a: Accounts) -> None:
        rng, size = self.ground.rng, len(a)
        day = 13 + np.floor(rng.random() * 12)
        order = rng.permutation(size)
        part = max(2, size // 5)
        banned, heirs = order[:part], order[part : 2 * part]
        a.banned[banned] = day + 0.2
        a.last[banned] = np.minimum(a.last[banned], day + 0.2)
        a.label[banned], a.labelled[banned] = 1, day + 0.2
        a.created[heirs] = day + 0.3 + rng.random(part) * 1.5
        a.first[heirs] = a.created[heirs] + 0.1
        a.last[heirs] = DAYS

    def _merge_or_split(self, a: Accounts) -> None:
        """One ring in four starts from one pool and ends in two, one in four the other way round."""
        rng, size = self.ground.rng, len(a)
        luck = rng.random()
        if luck > 0.5:
            return
        half = (np.arange(size) >= size // 2).astype(np.int64)
        apart = np.array([self.ground.network.pool(self.ground.servers(max(2, size // 20))) for _ in range(2)])
        joint = a.pool[:, 0].copy()
        a.moves[:] = 12 + rng.random() * 8
        a.moved[:] = apart[half] if luck < 0.25 else joint
        if luck >= 0.25:
            a.pool[:, 0] = apart[half]

    def _frame(self, a: Accounts, crew: Crew) -> None:
        """Innocents who sit in the ring's café and have copied some of its prompts."""
        rng = self.ground.rng
        framed = people(self.ground, max(3, len(a) // 12), Context.FRAMED, builders=0.1)
        framed.come_from(2, crew.cafe, 0.4, Stick.DAY)
        framed.share[:, 0] = 0.6
        framed.template[:], framed.template_from[:] = a.template[0], a.template_from[0]
        framed.templates[:], framed.variants[:] = a.templates[0], a.variants[0]
        framed.templated[:] = 0.05 + 0.25 * rng.random(len(framed))
        self.innocents.append(framed)

    def _proxy_operator(self, size: int) -> Accounts:
        """One network that hosts all three campaigns, and customers who have nothing to do with them."""
        rng = self.ground.rng
        a = self._recruits(size, Evader.PROXY)
        work = rng.choice(len(ACCOUNT_SHARES), size=size, p=ACCOUNT_SHARES)
        enlist(self.ground, a, np.sort(work), self.campaigns, TEMPLATES[Evader.PROXY])
        crew = Crew(start=float(rng.random() * 5), proxies=self.proxies, cafe=-1)
        exits = evaders.proxied(self.ground, a, crew, self.homes)
        self._live(a, crew)
        others = people(self.ground, max(5, round(size * BYSTANDERS)), Context.BYSTANDER, builders=0.5)
        always = _coin(rng, len(others), 0.6)
        others.come_from(2, exits, np.where(always, 20.0, 1.0), Stick.SESSION)
        others.requests[:] *= 1.5
        self.innocents.append(others)
        return a


def _coin(rng: np.random.Generator, size: int, chance: float) -> Flags:
    return np.asarray(rng.random(size) < chance)
