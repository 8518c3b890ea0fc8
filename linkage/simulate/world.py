"""A world: its population in an order that tells nothing, its network, its schedules and its questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.simulate import gatherings, strangers
from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import DAYS, Banks, Ground
from linkage.simulate.network import Network
from linkage.simulate.people import people
from linkage.simulate.randomness import Hashes, Ints, mix, stream
from linkage.simulate.rhythm import Schedules
from linkage.simulate.rings import Underworld, fakes_for
from linkage.simulate.vocabulary import Context

REQUESTS_EACH = 20.0
"""Mean requests of an honest account, before the few that fall outside the world: with its fakes' a world
of a million accounts has 36 million."""

WRONGLY_BANNED = 0.0005
"""Share of honest accounts that were banned by mistake: a label of abuse is no proof."""

SHARES = {
    Context.FAMILY: 0.12,
    Context.CGNAT: 0.12,
    Context.OFFICE: 0.10,
    Context.SCHOOL: 0.05,
    Context.COWORKING: 0.02,
    Context.CAFE: 0.03,
    Context.VPN: 0.04,
    Context.RELAY: 0.03,
    Context.RESELLER: 0.025,
    Context.HACKATHON: 0.01,
    Context.CI: 0.015,
    Context.RESEARCHER: 0.01,
    Context.PUBLIC_PROMPTS: 0.03,
    Context.PREPAID: 0.02,
    Context.RESIDENTIAL_PROXY: 0.01,
}
"""Share of the honest accounts by context; the rest are at home and share nothing but by chance."""

BUILDERS = {
    Context.FAMILY: gatherings.families,
    Context.CGNAT: strangers.carrier_users,
    Context.OFFICE: gatherings.offices,
    Context.SCHOOL: gatherings.schools,
    Context.COWORKING: strangers.coworkers,
    Context.CAFE: strangers.cafe_goers,
    Context.VPN: strangers.vpn_users,
    Context.RELAY: strangers.relay_users,
    Context.RESELLER: gatherings.resellers,
    Context.HACKATHON: gatherings.hackathons,
    Context.CI: gatherings.ci_farms,
    Context.RESEARCHER: strangers.researchers,
    Context.PUBLIC_PROMPTS: strangers.prompt_collectors,
    Context.PREPAID: strangers.prepaid_users,
}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is fixed before the first request: row i of `accounts` has the key `keys[i]`."""

    seed: int
    accounts: Accounts
    keys: Hashes
    requests: Ints
    network: Network
    schedules: Schedules
    banks: Banks
    lists: dict[str, Ints]

    @property
    def fakes(self) -> int:
        """The number of planted fakes."""
        return int((self.accounts.operator >= 0).sum())


def build(accounts: int, seed: int, *, shared_questions: bool = False) -> World:
    """Returns the world of this seed with this many honest accounts, and its fakes on top."""
    ground = Ground(seed, accounts)
    cohorts = [BUILDERS[context](ground, round(accounts * SHARES[context])) for context in BUILDERS]
    honest_proxies = round(accounts * SHARES[Context.RESIDENTIAL_PROXY])
    rest = accounts - sum(len(cohort) for cohort in cohorts) - honest_proxies
    fakes = fakes_for(accounts)
    alone = people(ground, rest, Context.BENIGN)
    homes = ground.network.first_lines(alone.pool[:, 0])
    exits = ground.rng.choice(homes, size=min(len(homes) // 3, 200 + 3 * fakes), replace=False)
    proxied, proxies = strangers.residential_proxies(ground, honest_proxies, exits)
    underworld = Underworld(ground, fakes, proxies, homes, shared_questions=shared_questions)
    rings = underworld.build()
    innocents = Accounts.concat(underworld.innocents)
    honest = Accounts.concat([*cohorts, proxied, innocents, _fewer(ground, alone, len(innocents))])
    honest.requests[:] *= REQUESTS_EACH / honest.requests.mean()
    _ban_by_mistake(ground, honest)
    return _shuffled(ground, Accounts.concat([honest, rings]))


def _ban_by_mistake(ground: Ground, honest: Accounts) -> None:
    rng = ground.rng
    who = np.flatnonzero((rng.random(len(honest)) < WRONGLY_BANNED) & (honest.label == 0))
    honest.banned[who] = honest.first[who] + rng.random(len(who)) * (DAYS - honest.first[who])
    honest.label[who], honest.labelled[who] = 1, honest.banned[who]


def _fewer(ground: Ground, alone: Accounts, many: int) -> Accounts:
    """Drops as many people at home as were dragged into rings, so that the number of accounts is exact."""
    return alone.take(np.sort(ground.rng.permutation(len(alone))[many:]))


def _shuffled(ground: Ground, everyone: Accounts) -> World:
    order = stream(ground.seed, "order").permutation(len(everyone))
    accounts = everyone.take(order)
    luck = stream(ground.seed, "requests").random(len(accounts))
    return World(
        seed=ground.seed,
        accounts=accounts,
        keys=mix(ground.seed, np.arange(len(accounts)), "account"),
        requests=np.maximum(1, np.floor(accounts.requests + luck)).astype(np.int64),
        network=ground.network.finish(),
        schedules=ground.schedules.finish(),
        banks=ground.banks,
        lists={name: np.concatenate(lines) for name, lines in ground.lists.items()},
    )
