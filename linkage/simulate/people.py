"""What every honest account starts from: a person or an application with a life of its own."""

from __future__ import annotations

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.ground import DAYS, Ground
from linkage.simulate.network import Stick
from linkage.simulate.randomness import Flags, Hashes, Ints, mix, zipf
from linkage.simulate.rhythm import Rhythm
from linkage.simulate.vocabulary import Instrument, Plan

PUBLIC_TEMPLATES = 400
"""How many templates of tutorials and frameworks strangers build on."""
MODELS = 5
NEW_MODEL = MODELS
RELEASE_DAY = 20.0
"""The day on which the new model comes out."""


def people(ground: Ground, size: int, context: int, *, builders: float = 0.14) -> Accounts:
    """Returns `size` strangers at home, of whom the share `builders` run an application of their own."""
    rng = ground.rng
    a = Accounts.blank(size)
    a.context[:] = context
    a.country[:] = ground.countries(size)
    builds = rng.random(size) < builders
    _life(ground, a)
    _rhythm(ground, a, builds)
    a.come_from(0, ground.homes(a.country), 1.0, Stick.ALWAYS)
    _mobile(ground, a, rng.random(size) < 0.25)
    _content(ground, a, builds)
    _attributes(ground, a, builds)
    return a


def _life(ground: Ground, a: Accounts) -> None:
    rng, size = ground.rng, len(a)
    new = rng.random(size) < 0.12
    a.created[:] = np.where(new, rng.random(size) * (DAYS - 1), -rng.gamma(1.2, 200.0, size) - 0.1)
    a.first[:] = np.maximum(a.created, rng.random(size) ** 3 * DAYS * 0.8)
    stays = rng.random(size) < 0.7
    a.last[:] = np.where(stays, DAYS, a.first + rng.random(size) * (DAYS - a.first))


def _rhythm(ground: Ground, a: Accounts, builds: Flags) -> None:
    rng, size = ground.rng, len(a)
    choice = rng.choice(6, size=size, p=[0.34, 0.3, 0.12, 0.08, 0.03, 0.13])
    a.rhythm[:] = np.where(builds & (rng.random(size) < 0.6), Rhythm.ALWAYS, choice)
    chats = np.exp(rng.normal(1.5, 1.2, size))
    calls = np.exp(rng.normal(3.3, 1.9, size))  # a heavy tail: some applications outdo any fake
    a.requests[:] = np.where(builds, calls, chats).clip(1, 20_000)
    a.session[:] = np.where(builds, 12, 3) * np.exp(rng.normal(0, 0.4, size))
    a.pace[:] = np.where(builds, 8, 100) * np.exp(rng.normal(0, 0.5, size))
    cron = builds & (rng.random(size) < 0.12)
    a.schedule[cron] = np.where(rng.random(int(cron.sum())) < 0.8, ground.hourly, ground.midnight)
    a.scheduled[cron] = 0.8
    a.jitter[cron] = 20.0


def _mobile(ground: Ground, a: Accounts, who: Flags) -> None:
    """Some people also come over their phone: the carrier's few gateways."""
    rng = ground.rng
    a.pool[who, 1] = ground.carriers[a.country[who]]
    a.share[who, 1] = 0.05 + rng.random(int(who.sum())) * 0.4
    a.stick[who, 1] = Stick.DAY


def _content(ground: Ground, a: Accounts, builds: Flags) -> None:
    rng, size = ground.rng, len(a)
    habit = rng.random(size) < 0.3  # people too have prompts that they use again and again
    a.templated[:] = np.where(builds, 0.75 + 0.25 * rng.random(size), np.where(habit, 0.4 * rng.random(size), 0))
    a.templates[:] = np.where(builds, rng.integers(1, 7, size), rng.integers(1, 4, size))
    a.variants[:] = np.where(builds, rng.integers(1, 3, size), 3)
    borrowed = builds & (rng.random(size) < 0.35)
    a.template[:] = np.where(borrowed, public_templates(ground, size), ground.templates(size))
    a.templates[borrowed] = 1
    a.bank[:] = np.where(builds, _material(ground, size), -1)
    a.public[:] = np.where(builds, 0.01, rng.random(size) ** 2 * 0.2)
    a.model[:] = rng.choice(MODELS, size=size, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    curious = rng.random(size) < 0.2
    a.pivots[curious] = RELEASE_DAY + rng.random(int(curious.sum())) * 12


def _material(ground: Ground, size: int) -> Ints:
    """Returns what applications ask about: a catalogue of a trade, a public data set, or anything (-1)."""
    rng = ground.rng
    luck = rng.random(size)
    own = ground.catalogues[rng.integers(0, len(ground.catalogues), size)]
    public = ground.datasets[zipf(rng, len(ground.datasets), size)]
    return np.where(luck < 0.45, own, np.where(luck < 0.55, public, -1))


def public_templates(ground: Ground, size: int) -> Hashes:
    """Returns for each account a template family that the public knows, popular ones more often."""
    return mix(zipf(ground.rng, PUBLIC_TEMPLATES, size), "public template")


def _attributes(ground: Ground, a: Accounts, builds: Flags) -> None:
    rng, size, fresh = ground.rng, len(a), ground.fresh
    paid = rng.random(size) < np.where(builds, 0.85, 0.5)
    a.plan[:] = np.where(paid, np.where(builds, Plan.API, Plan.PLUS), Plan.FREE)
    a.card[paid] = fresh.take("card", int(paid.sum()))
    kinds = rng.choice(4, size=size, p=[0.82, 0.1, 0.05, 0.03])
    a.instrument[:] = np.array([Instrument.CARD, Instrument.WALLET, Instrument.BANK, Instrument.INVOICE])[kinds]
    a.bin[:] = bank_bins(ground, a.country)
    a.device[:] = np.where(rng.random(size) < np.where(builds, 0.4, 0.95), fresh.take("device", size), -1)
    a.phone[:] = np.where(rng.random(size) < 0.6, fresh.take("phone", size), -1)
    a.email[:] = fresh.take("email", size)
    a.domain[:] = mail_domains(ground, size)
    a.tls[:] = np.where(builds, 100 + zipf(rng, 40, size, 1.1), zipf(rng, 60, size, 1.2))


def bank_bins(ground: Ground, countries: Ints) -> Ints:
    """Returns for each account the BIN of a bank of its country: 200 a country, the large ones common."""
    return countries * 200 + zipf(ground.rng, 200, len(countries), 1.0)


def mail_domains(ground: Ground, size: int) -> Ints:
    """Returns mail domains: mostly the twelve large providers, else a domain of one's own."""
    own = ground.rng.random(size) < 0.1
    return np.where(own, 1000 + ground.fresh.take("domain", size), zipf(ground.rng, 12, size, 1.3))
