"""Honest accounts that share a place or a paymaster: family, office, school, reseller, hackathon, CI farm.

Each function returns one cohort; a group's accounts share what such groups share, and no more.
"""

from __future__ import annotations

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import DAYS, Ground
from linkage.simulate.network import Stick
from linkage.simulate.people import people
from linkage.simulate.randomness import Anything, Ints, crews, mix
from linkage.simulate.rhythm import DAY, HOUR, Rhythm
from linkage.simulate.vocabulary import OWN_DOMAINS, Context, Instrument, Plan


def families(ground: Ground, size: int) -> Accounts:
    """Returns households: one line, most of them one card, some one device."""
    rng = ground.rng
    group, _ = _groups(crews(rng, size, 2, 6, 3, 0.4))
    a = people(ground, size, Context.FAMILY, builders=0.05)
    _move_in(ground, a, group)
    paying = (a.card >= 0) & (rng.random(size) < 0.8)
    a.card[paying] = _shared(ground, "card", group)[paying]
    a.bin[:] = a.bin[_heads(group)][group]
    one_device = rng.random(size) < 0.25
    a.device[one_device] = _shared(ground, "device", group)[one_device]
    one_phone = (a.phone >= 0) & (rng.random(size) < 0.2)
    a.phone[one_phone] = _shared(ground, "phone", group)[one_phone]
    return a


def offices(ground: Ground, size: int) -> Accounts:
    """Returns companies: an office line or two, a corporate card over the seats, prompts of the house."""
    rng = ground.rng
    group, count = _groups(crews(rng, size, 3, 400, 18, 0.9))
    a = people(ground, size, Context.OFFICE, builders=0.2)
    countries = _one_country(ground, a, group, count)
    a.rhythm[:] = np.where(a.rhythm == Rhythm.ALWAYS, a.rhythm, Rhythm.OFFICE)
    _at_site(a, ground.sites(countries, rng.integers(1, 3, count))[group], 0.55 + 0.4 * rng.random(size))
    corporate = (rng.random(count) < 0.7)[group]
    a.card[corporate] = _shared(ground, "card", group)[corporate]
    a.bin[corporate] = a.bin[_heads(group)][group][corporate]
    a.plan[corporate] = Plan.TEAM
    a.domain[:] = OWN_DOMAINS + _shared(ground, "domain", group)
    house = rng.random(size) < 0.4
    a.template[house] = ground.templates(count)[group][house]
    a.templated[house] = 0.1 + 0.6 * rng.random(int(house.sum()))
    _declare(ground, a, group, count, 0.6)
    rollout = (rng.random(count) < 0.3)[group]  # one day of on-boarding for all
    a.created[rollout] = np.minimum(_groupwise(ground, group, -200, DAYS - 5) + rng.random(size), DAYS - 1)[rollout]
    return _coherent(a)


def schools(ground: Ground, size: int) -> Accounts:
    """Returns schools: a few lines, class hours, the same exercise for the whole class, shared lab devices."""
    rng = ground.rng
    group, count = _groups(crews(rng, size, 20, 2500, 120, 0.9))
    a = people(ground, size, Context.SCHOOL, builders=0.02)
    countries = _one_country(ground, a, group, count)
    a.rhythm[:] = Rhythm.STUDENT
    _at_site(a, ground.sites(countries, rng.integers(1, 5, count))[group], 0.3 + 0.5 * rng.random(size))
    classes = group * 8 + rng.integers(0, 8, size)  # eight classes a school
    _lessons(ground, a, classes)
    a.template[:] = mix(ground.seed, classes, "exercise")
    a.templates[:] = 6
    a.templated[:] = 0.2 + 0.4 * rng.random(size)
    a.bank[:] = _banks(ground, classes, 25)
    a.domain[:] = OWN_DOMAINS + _shared(ground, "domain", group)
    lab = rng.random(size) < 0.2
    a.device[lab] = (_shared(ground, "lab", group) * 25 + rng.integers(0, 25, size) + 10**9)[lab]
    free = rng.random(size) < 0.85
    a.plan[free] = Plan.FREE
    a.card[free] = -1
    term = rng.random(size) < 0.4  # the class signs up in its first lesson
    a.created[term] = (_groupwise(ground, classes, -60, 8) + rng.random(size) * 0.1)[term]
    _declare(ground, a, group, count, 0.35)
    return _coherent(a)


def resellers(ground: Ground, size: int) -> Accounts:
    """Returns agencies: one address, one template and often one card for many honest clients."""
    rng = ground.rng
    group, count = _groups(crews(rng, size, 5, 600, 30, 0.8))
    a = people(ground, size, Context.RESELLER, builders=0.7)
    countries = _one_country(ground, a, group, count)
    lines = ground.network.pools(ground.servers(count))
    where = np.where(rng.random(count) < 0.5, ground.sites(countries), lines)
    _at_site(a, where[group], 0.7 + 0.3 * rng.random(size))
    billed = (rng.random(count) < 0.5)[group]
    a.card[billed] = _shared(ground, "card", group)[billed]
    a.plan[:] = Plan.API
    a.template[:] = ground.templates(count)[group]
    a.templates[:] = rng.integers(1, 5, count)[group]
    a.templated[:] = 0.6 + 0.4 * rng.random(size)
    a.bank[:] = ground.catalogues[rng.integers(0, len(ground.catalogues), size)]  # each client has a trade of its own
    a.created[:] = -rng.gamma(1.0, 150, size) + DAYS * (rng.random(size) < 0.15) * rng.random(size)
    a.tls[:] = rng.integers(100, 140, count)[group]
    _declare(ground, a, group, count, 0.5)
    return _coherent(a)


def hackathons(ground: Ground, size: int) -> Accounts:
    """Returns hackathons: sign-ups of one morning, one hall, vouchers, a starter kit, two days of work."""
    rng = ground.rng
    group, count = _groups(crews(rng, size, 25, 300, 80, 0.4))
    a = people(ground, size, Context.HACKATHON, builders=0.8)
    countries = _one_country(ground, a, group, count)
    opens = _groupwise(ground, group, 1, DAYS - 3) + 0.4
    a.created[:] = opens + rng.random(size) * 0.15
    a.first[:], a.last[:] = a.created, np.minimum(opens + 2 + rng.random(size) * 0.5, DAYS)
    a.rhythm[:] = Rhythm.ALWAYS
    a.requests[:] = np.exp(rng.normal(4.2, 0.9, size))
    _at_site(a, ground.sites(countries, 2)[group], 0.8)
    voucher = rng.random(size) < 0.8
    a.card[voucher] = (_shared(ground, "voucher", group) + 10**9)[voucher]
    a.instrument[voucher] = Instrument.VOUCHER
    a.plan[:] = Plan.API
    team = group * 1000 + rng.integers(0, 40, size)
    kit = rng.random(size) < 0.6
    a.template[:] = np.where(kit, ground.templates(count)[group], mix(ground.seed, team, "team"))
    a.templated[:] = 0.4 + 0.4 * rng.random(size)
    return a


def ci_farms(ground: Ground, size: int) -> Accounts:
    """Returns CI farms: the same tests with the same prompts from the same runners on the hour."""
    rng = ground.rng
    group, count = _groups(crews(rng, size, 3, 150, 14, 0.7))
    a = people(ground, size, Context.CI, builders=1.0)
    pools = ground.network.pools(ground.servers(count * 6), 6)
    hosted = ground.network.pool(ground.servers(40 + ground.accounts // 20_000))
    a.come_from(0, np.where(rng.random(count) < 0.5, pools, hosted)[group], 1.0, Stick.SESSION)
    a.share[:, 1] = 0
    runs = [ground.schedules.add(_cron(rng)) for _ in range(count)]
    a.schedule[:], a.scheduled[:], a.jitter[:] = np.array(runs)[group], 0.9, 30.0
    a.template[:] = ground.templates(count)[group]
    a.templated[:], a.variants[:] = 0.95, 1
    a.bank[:] = _banks(ground, group, 60)
    a.session[:], a.pace[:] = 20, 2
    a.requests[:] = np.exp(rng.normal(4.5, 0.8, size))
    a.domain[:] = OWN_DOMAINS + _shared(ground, "domain", group)
    paid_by_firm = (rng.random(count) < 0.6)[group]
    a.card[paid_by_firm] = _shared(ground, "card", group)[paid_by_firm]
    _declare(ground, a, group, count, 0.5)
    return a


def _groups(sizes: Ints) -> tuple[Ints, int]:
    return np.repeat(np.arange(len(sizes)), sizes), len(sizes)


def _heads(group: Ints) -> Ints:
    """Returns the position of the first account of each group."""
    return np.searchsorted(group, np.arange(int(group[-1]) + 1 if len(group) else 0))


def _shared(ground: Ground, kind: str, group: Ints) -> Ints:
    """Returns one fresh key for all accounts of a group."""
    return ground.fresh.take(kind, int(group[-1]) + 1 if len(group) else 0)[group]


def _groupwise(ground: Ground, group: Ints, low: float, high: float) -> Anything:
    """Returns one number between `low` and `high` for all accounts of a group (whole numbers)."""
    return np.floor(low + ground.rng.random(int(group.max(initial=0)) + 1) * (high - low))[group]


def _move_in(ground: Ground, a: Accounts, group: Ints) -> None:
    a.country[:] = a.country[_heads(group)][group]
    a.pool[:, 0] = ground.homes(a.country[_heads(group)])[group]


def _one_country(ground: Ground, a: Accounts, group: Ints, count: int) -> Ints:
    """Makes each group live in one country, with homes there; returns the country of each group."""
    countries = ground.countries(count)
    a.country[:] = countries[group]
    a.pool[:, 0] = ground.homes(a.country)
    a.pool[:, 1] = np.where(a.pool[:, 1] >= 0, ground.carriers[a.country], -1)
    return countries


def _at_site(a: Accounts, pool: Ints, share: Anything | float) -> None:
    """Gives the account the site as a further source; the rest of its sessions come from home."""
    a.pool[:, 2] = pool
    a.share[:, 2] = share
    a.share[:, 0] = np.maximum(1.0 - a.share[:, 2], 0.02)
    a.share[:, 1] = np.minimum(a.share[:, 1], 0.1)
    a.stick[:, 2] = Stick.DAY


def _declare(ground: Ground, a: Accounts, group: Ints, count: int, share: float) -> None:
    """Makes some groups known as organisations, and half of those labelled benign."""
    known = (ground.rng.random(count) < share)[group]
    a.organization[known] = _shared(ground, "organization", group)[known]
    cleared = known & (ground.rng.random(count) < 0.5)[group]
    a.label[cleared] = 2
    a.labelled[cleared] = ground.rng.random(int(cleared.sum())) * 5


def _coherent(a: Accounts) -> Accounts:
    """Returns the accounts, none of them active before it was made."""
    a.first[:] = np.maximum(a.first, a.created)
    a.last[:] = np.maximum(a.last, np.minimum(a.first + 1, DAYS))
    return a


def _lessons(ground: Ground, a: Accounts, classes: Ints) -> None:
    """Half of a class's sessions are lessons: two to four a week at fixed hours, ten minutes of scatter."""
    rng = ground.rng
    kinds, where = np.unique(classes, return_inverse=True)
    schedules = []
    for _ in range(len(kinds)):
        hours = rng.choice(5, size=int(rng.integers(2, 5)), replace=False) * DAY + rng.integers(7, 15) * HOUR
        schedules.append(ground.schedules.add(np.add.outer(np.arange(4) * 7 * DAY, hours).ravel()))
    a.schedule[:] = np.array(schedules)[where]
    a.scheduled[:], a.jitter[:] = 0.5, 600.0


def _banks(ground: Ground, groups: Ints, size: int) -> Ints:
    """Returns one small bank of questions for each group."""
    kinds, where = np.unique(groups, return_inverse=True)
    return np.array([ground.banks.add(size, int(k) % 16) for k in kinds], dtype=np.int64)[where]


def _cron(rng: np.random.Generator) -> Anything:
    every = float(rng.choice([1, 3, 6, 12, 24])) * HOUR
    return np.arange(rng.integers(0, 4) * HOUR, DAYS * DAY, every)
