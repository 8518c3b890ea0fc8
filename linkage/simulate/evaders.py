"""How the accounts of a ring hide: lazy, mid, careful, or behind a proxy operator's network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import DAYS, Ground
from linkage.simulate.network import Stick
from linkage.simulate.people import mail_domains
from linkage.simulate.randomness import Anything, Ints
from linkage.simulate.rhythm import DAY, HOUR, Rhythm
from linkage.simulate.vocabulary import DISPOSABLE_DOMAINS, OWN_DOMAINS, VIRTUAL_BINS, Plan


@dataclass(frozen=True, slots=True)
class Crew:
    """The accounts of one ring, the day on which its work begins, and the proxies that it can rent."""

    start: float
    proxies: Ints
    cafe: int


def lazy(ground: Ground, a: Accounts, crew: Crew) -> None:
    """Few cards, few servers, one or two templates, one batch of sign-ups, batches of work in step."""
    rng, size = ground.rng, len(a)
    servers = ground.network.pool(ground.servers(max(2, size // 12)))
    a.come_from(0, servers, 1.0, Stick.SESSION)
    a.share[:, 1] = 0
    _pay(ground, a, 9)
    a.bin[:] = a.bin[rng.integers(0, size, 2)][rng.integers(0, 2, size)]
    a.device[:] = reused(ground, "device", size, 10)
    a.phone[:] = np.where(rng.random(size) < 0.5, reused(ground, "phone", size, 5), -1)
    a.email[:] = np.where(rng.random(size) < 0.3, reused(ground, "email", size, 6), a.email)
    own = OWN_DOMAINS + int(ground.fresh.take("domain", 1)[0])
    a.domain[:] = own if rng.random() < 0.5 else DISPOSABLE_DOMAINS + rng.integers(0, 10, 2)[0]
    a.tls[:] = 100 + rng.integers(0, 40)
    a.created[:] = crew.start - rng.random(size) * 1.5
    a.templated[:], a.variants[:] = 0.97, 1
    _batches(ground, a, crew, every=6 * HOUR, share=0.95, jitter=60)
    a.rhythm[:] = Rhythm.ALWAYS


def mid(ground: Ground, a: Accounts, crew: Crew) -> None:
    """Rotating residential proxies, virtual cards of few BINs, templates with slots, bursts in step."""
    rng, size = ground.rng, len(a)
    a.come_from(0, int(rng.choice(crew.proxies)), 1.0, Stick.SESSION)
    a.share[:, 1] = 0
    _pay(ground, a, 1.6)
    a.bin[:] = VIRTUAL_BINS + rng.integers(0, 20, 3)[rng.integers(0, 3, size)]
    again = rng.random(size) < 0.12
    a.device[again] = reused(ground, "device", size, 3)[again]
    a.phone[:] = np.where(rng.random(size) < 0.4, reused(ground, "phone", size, 2.5), -1)
    waves = crew.start - rng.integers(0, 12, 3)
    a.created[:] = waves[rng.integers(0, 3, size)] - rng.random(size)
    a.templated[:], a.variants[:] = 0.92, 6
    a.tls[:] = np.where(rng.random(size) < 0.7, 100 + rng.integers(0, 40, 2)[rng.integers(0, 2, size)], a.tls)
    _batches(ground, a, crew, every=4 * HOUR, share=0.7, jitter=150)
    a.camouflage[:] = rng.random(size) < 0.3
    a.rhythm[:] = Rhythm.ALWAYS


def careful(ground: Ground, a: Accounts, crew: Crew) -> None:
    """Own lines, own cards, paraphrase, hours of jitter, sign-ups in drips, camouflage; few slips."""
    rng, size = ground.rng, len(a)
    shared = rng.random(size) < 0.3
    a.pool[shared, 0] = a.pool[reused_rows(rng, size, 3), 0][shared]
    a.come_from(3, _slip(ground, a, crew), 0.03, Stick.DAY)
    _pay(ground, a, 1.15)
    again = rng.random(size) < 0.06
    a.device[again] = reused(ground, "device", size, 2)[again]
    a.domain[:] = mail_domains(ground, size)
    a.created[:] = crew.start - rng.random(size) * 60 + 5
    a.templated[:], a.variants[:] = 0.9, 4096
    shifts = np.arange(int(crew.start), DAYS) * DAY + rng.integers(0, 24) * HOUR
    a.schedule[:] = ground.schedules.add(shifts)
    a.scheduled[:], a.jitter[:] = 0.75, 3 * HOUR
    a.camouflage[:] = True
    a.session[:], a.pace[:] = 12, 45


def proxied(ground: Ground, a: Accounts, crew: Crew, homes: Ints) -> int:
    """One operator's network: thousands of exits, another for each request, load balanced over accounts.

    Returns the pool of its exits, through which its other customers come as well.
    """
    rng, size = ground.rng, len(a)
    rented = rng.choice(homes, size=max(20, size // 2), replace=False)
    others = ground.home_lines(ground.countries(max(20, size)))
    exits = ground.network.pool(np.concatenate([rented, others, ground.servers(max(8, size // 4))]))
    a.come_from(0, exits, 1.0, Stick.REQUEST)
    a.share[:, 1] = 0
    _pay(ground, a, 3)
    a.bin[:] = np.where(rng.random(size) < 0.6, VIRTUAL_BINS + rng.integers(0, 20, size), a.bin)
    again = rng.random(size) < 0.15
    a.device[again] = reused(ground, "device", size, 4)[again]
    a.created[:] = crew.start - np.floor(rng.random(size) * 20) - rng.random(size) * 0.3
    a.templated[:], a.variants[:] = 0.93, 12
    slots = rng.integers(0, max(1, size // 25), size)  # the balancer's queues
    queues = [ground.schedules.add(_queue(rng, crew.start)) for _ in range(int(slots.max()) + 1)]
    a.schedule[:], a.scheduled[:], a.jitter[:] = np.array(queues)[slots], 0.65, 45
    a.session[:], a.pace[:], a.rhythm[:] = 25, 6, Rhythm.ALWAYS
    return exits


def reused(ground: Ground, kind: str, size: int, each: float) -> Ints:
    """Returns fresh keys of which each serves about `each` accounts, in no order."""
    keys = ground.fresh.take(kind, max(1, round(size / each)))
    return ground.rng.permutation(np.resize(keys, size))


def reused_rows(rng: np.random.Generator, size: int, each: float) -> Ints:
    """Returns for each row one of size/each rows, every one about as often."""
    return rng.permutation(np.resize(rng.permutation(size)[: max(1, round(size / each))], size))


def _pay(ground: Ground, a: Accounts, each: float) -> None:
    a.card[:] = reused(ground, "card", len(a), each)
    a.instrument[:] = 0
    a.plan[:] = np.where(ground.rng.random(len(a)) < 0.7, Plan.API, Plan.PLUS)


def _slip(ground: Ground, a: Accounts, crew: Crew) -> int:
    """Returns where the operator is seen by mistake: a café for some rings, an address of its own for the rest."""
    return crew.cafe if crew.cafe >= 0 else int(ground.sites(a.country[:1])[0])


def _batches(ground: Ground, a: Accounts, crew: Crew, *, every: float, share: float, jitter: float) -> None:
    """Work comes in batches that most of the crew take part in."""
    rng = ground.rng
    count = max(8, int((DAYS - crew.start) * DAY / every))
    a.schedule[:] = ground.schedules.add((crew.start + rng.random(count) * (DAYS - crew.start)) * DAY)
    a.scheduled[:], a.jitter[:] = share, jitter
    a.session[:], a.pace[:] = 25, 7


def _queue(rng: np.random.Generator, start: float) -> Anything:
    return (start + rng.random(int((DAYS - start) * 8)) * (DAYS - start)) * DAY
