"""Honest strangers who share an address, a prompt or a kind of card with many: never a group."""

from __future__ import annotations

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import DAYS, Ground
from linkage.simulate.network import Stick
from linkage.simulate.people import people
from linkage.simulate.randomness import Ints, zipf
from linkage.simulate.vocabulary import PREPAID_BINS, Context, Instrument, Plan

BENCHMARKS = 6
"""Public benchmarks that researchers run; one and the same for every seed."""


def carrier_users(ground: Ground, size: int) -> Accounts:
    """Returns people whose only line is a carrier's: thousands behind an address."""
    a = people(ground, size, Context.CGNAT, builders=0.04)
    a.come_from(0, ground.carriers[a.country], 1.0, Stick.DAY)
    a.share[:, 1] = 0
    return a


def coworkers(ground: Ground, size: int) -> Accounts:
    """Returns people and small firms who share a coworking space's lines and nothing else."""
    a = people(ground, size, Context.COWORKING, builders=0.3)
    _place(ground, a, 60, 2, 0.5)
    return a


def cafe_goers(ground: Ground, size: int) -> Accounts:
    """Returns people who sit in cafés now and then."""
    a = people(ground, size, Context.CAFE, builders=0.1)
    _place(ground, a, 40, 1, 0.25)
    return a


def vpn_users(ground: Ground, size: int) -> Accounts:
    """Returns customers of a few VPN services, each with a few exits for many people."""
    rng = ground.rng
    a = people(ground, size, Context.VPN, builders=0.12)
    services = max(3, int(size**0.4 / 2))
    pools = [ground.network.pool(_exits(ground, "vpn", 3 + size // (services * 60), 0.85)) for _ in range(services)]
    a.come_from(2, np.array(pools)[zipf(rng, services, size)], 0.3 + 0.7 * rng.random(size), Stick.SESSION)
    a.share[:, 0] = 1 - a.share[:, 2]
    a.share[:, 1] *= 0.3
    return a


def relay_users(ground: Ground, size: int) -> Accounts:
    """Returns users of a privacy relay: a large pool of exits, another one each session."""
    a = people(ground, size, Context.RELAY, builders=0.05)
    a.come_from(2, ground.network.pool(_exits(ground, "relay", 20 + size // 12, 1.0)), 0.85, Stick.SESSION)
    a.share[:, 0] = 0.15
    return a


def researchers(ground: Ground, size: int) -> Accounts:
    """Returns people who run public benchmarks: the same questions in the same words, in bulk."""
    rng = ground.rng
    a = people(ground, size, Context.RESEARCHER, builders=0.6)
    a.benchmark[:] = zipf(rng, BENCHMARKS, size)
    a.benched[:] = 0.3 + 0.65 * rng.random(size)
    a.requests[:] = np.exp(rng.normal(5.0, 1.0, size)).clip(20, 20_000)
    a.session[:], a.pace[:] = 120, 3
    return a


def prompt_collectors(ground: Ground, size: int) -> Accounts:
    """Returns people who use the popular public prompts, the start page's suggestions and «continue»."""
    a = people(ground, size, Context.PUBLIC_PROMPTS, builders=0.0)
    a.public[:] = 0.5 + 0.45 * ground.rng.random(size)
    a.requests[:] *= 2
    return a


def prepaid_users(ground: Ground, size: int) -> Accounts:
    """Returns people without a bank who pay with prepaid cards of few BINs, many of them over their phone."""
    rng = ground.rng
    a = people(ground, size, Context.PREPAID, builders=0.1)
    a.plan[:] = np.where(a.plan == Plan.FREE, Plan.PLUS, a.plan)
    a.card[:] = ground.fresh.take("card", size)
    a.instrument[:] = Instrument.CARD
    a.bin[:] = PREPAID_BINS + zipf(rng, 10, size)
    phone = rng.random(size) < 0.6
    a.pool[phone, 1] = ground.carriers[a.country[phone]]
    a.share[phone, 1], a.share[phone, 0], a.stick[phone, 1] = 0.8, 0.2, Stick.DAY
    return a


def residential_proxies(ground: Ground, size: int, homes: Ints) -> tuple[Accounts, Ints]:
    """Returns honest users of residential proxies, and the pools of exits of the two services they buy from.

    The exits are people's home lines: those of `homes` (accounts live there) and as many again of
    people without an account. Rings buy from the same services.
    """
    rng = ground.rng
    a = people(ground, size, Context.RESIDENTIAL_PROXY, builders=0.3)
    services = []
    for _ in range(2):
        others = ground.home_lines(ground.countries(len(homes)))
        services.append(ground.network.pool(rng.permutation(np.concatenate([homes, others]))))
    pools = np.array(services)
    a.come_from(2, pools[rng.integers(0, 2, size)], 0.5 + 0.5 * rng.random(size), Stick.SESSION)
    a.share[:, 0] = 1 - a.share[:, 2]
    return a, pools


def _exits(ground: Ground, name: str, count: int, known: float) -> Ints:
    """Returns the lines of a public service's exits, most of which are on a list of such exits."""
    return ground.publish(name, ground.servers(count), known)


def _place(ground: Ground, a: Accounts, people_each: int, lines: int, share: float) -> None:
    """Sends each account to one of the places of its country, some days."""
    rng, size = ground.rng, len(a)
    count = max(len(ground.carriers), size // people_each)
    countries = np.arange(count) % len(ground.carriers)
    pools = ground.sites(countries, lines)
    per_country = np.bincount(countries, minlength=len(ground.carriers))
    chosen = (rng.random(size) * per_country[a.country]).astype(np.int64) * len(ground.carriers) + a.country
    a.come_from(2, pools[chosen], share * (0.4 + 1.2 * rng.random(size)), Stick.DAY)
    a.share[:, 0] = np.maximum(1 - a.share[:, 2], 0.05)
    a.last[:] = np.minimum(np.maximum(a.last, a.first + 1), DAYS)
