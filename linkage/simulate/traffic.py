"""The requests of a slice of the population: sessions first, then what happens in them, in columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.simulate.accounts import Accounts
from linkage.simulate.content import Prompts, draw_prompts
from linkage.simulate.ground import DAYS, OFFSETS
from linkage.simulate.network import Stick
from linkage.simulate.people import NEW_MODEL
from linkage.simulate.randomness import Flags, Floats, Hashes, Ints, mix, stream
from linkage.simulate.rhythm import DAY, own_times
from linkage.simulate.world import World

PART_ROWS = 1_000_000
"""About how many requests are made at a time; it bounds the memory."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests in the order of their times: account row, seconds since the world began, address code, …"""

    account: Ints
    at: Floats
    address: Hashes
    model: Ints
    prompts: Prompts
    input_tokens: Ints
    output_tokens: Ints

    def __len__(self) -> int:
        return len(self.account)

    def take(self, rows: Ints | Flags) -> Requests:
        """Returns the requests at these positions."""
        return Requests(
            self.account[rows], self.at[rows], self.address[rows], self.model[rows],
            self.prompts.take(rows), self.input_tokens[rows], self.output_tokens[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sessions:
    account: Ints
    start: Floats
    source: Ints
    own: Flags
    offset: Ints
    count: Ints


def slices(world: World, rows: int = PART_ROWS) -> list[tuple[int, int]]:
    """Returns the slices [from, to) of the population, each with about `rows` requests."""
    ends = np.cumsum(world.requests)
    marks = np.arange(rows, int(ends[-1]), rows)
    edges = np.unique(np.concatenate([[0], np.searchsorted(ends, marks) + 1, [len(ends)]]))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def requests(world: World, low: int, high: int) -> Requests:
    """Returns the requests of the accounts [low, high), in the order of their times."""
    rng = stream(world.seed, "traffic", low)
    a = world.accounts.take(np.arange(low, high))
    counts = world.requests[low:high]
    sessions = _sessions(world, rng, a, counts)
    account = np.repeat(np.arange(len(a)), counts)
    within = (rng.random(len(account)) * sessions.count[account]).astype(np.int64)
    session = sessions.offset[account] + within
    at = sessions.start[session] + rng.exponential(a.pace[account] * a.session[account] / 2)
    kept = np.flatnonzero(_alive(a, account, at))
    order = kept[np.argsort(at[kept], kind="stable")]
    account, session, at = account[order], session[order], at[order]
    prompts = draw_prompts(world, rng, a, low, account, sessions.own[session])
    tokens_in, tokens_out = _tokens(rng, a, account, prompts)
    return Requests(
        account=account + low,
        at=at,
        address=_addresses(world, rng, a, low, account, session, sessions, at),
        model=_models(rng, a, account, at),
        prompts=prompts,
        input_tokens=tokens_in,
        output_tokens=tokens_out,
    )


def _sessions(world: World, rng: np.random.Generator, a: Accounts, counts: Ints) -> _Sessions:
    many = np.maximum(1, np.round(counts / a.session)).astype(np.int64)
    account = np.repeat(np.arange(len(a)), many)
    first, last = a.first[account], a.last[account]
    start = own_times(rng, a.rhythm[account], OFFSETS[a.country[account]], first, last)
    follows = rng.random(len(account)) < a.scheduled[account]
    rows = np.flatnonzero(follows)
    times, none = world.schedules.pick(rng, a.schedule[account[rows]].clip(min=0), first[rows], last[rows])
    start[rows] = times + rng.normal(size=len(rows)) * a.jitter[account[rows]]
    follows[rows[none]] = False
    start[rows[none]] = (first + rng.random(len(first)) * (last - first))[rows[none]] * DAY
    return _Sessions(
        account=account,
        start=start,
        source=_source(rng, a, account),
        own=~follows,
        offset=np.cumsum(many) - many,
        count=many,
    )


def _source(rng: np.random.Generator, a: Accounts, account: Ints) -> Ints:
    """Returns for each session which of the account's sources it comes from."""
    ladder = np.cumsum(a.share, axis=1)
    chosen = rng.random(len(account)) * ladder[account, -1]
    return np.asarray((chosen[:, None] >= ladder[account]).sum(axis=1).clip(max=a.share.shape[1] - 1))


def _alive(a: Accounts, account: Ints, at: Floats) -> Flags:
    """A request happens inside the world, while its account exists, and not in its sleep."""
    day = at / DAY
    awake = (day < a.gap_from[account]) | (day >= a.gap_to[account])
    lives = (day >= a.created[account]) & (day < a.banned[account])
    return np.asarray(awake & lives & (at >= 0) & (day < DAYS))


def _addresses(
    world: World,
    rng: np.random.Generator,
    a: Accounts,
    low: int,
    account: Ints,
    session: Ints,
    sessions: _Sessions,
    at: Floats,
) -> Hashes:
    source = sessions.source[session]
    day = np.floor(at / DAY).astype(np.int64)
    moved = (source == 0) & (at / DAY >= a.moves[account]) & (a.moved[account] >= 0)
    pool = np.where(moved, a.moved[account], a.pool[account, source])
    stick = a.stick[account, source]
    key = np.select(
        [stick == Stick.REQUEST, stick == Stick.SESSION, stick == Stick.DAY],
        [rng.integers(0, 1 << 62, len(at)), session + (1 << 40), day + (1 << 50)],
        default=0,
    )
    pick = mix(world.seed, account + low, key, source)
    # at home the address is that of one's own device, behind a proxy that of the exit
    device = np.where(stick == Stick.ALWAYS, account + low, -1)
    return world.network.codes(pool, pick, day, device, world.seed)


def _models(rng: np.random.Generator, a: Accounts, account: Ints, at: Floats) -> Ints:
    """Most requests go to the account's own model; after it turns to the new one, half go there."""
    stray = rng.random(len(account)) < 0.06
    model = np.where(stray, rng.integers(0, NEW_MODEL, len(account)), a.model[account])
    turned = (at / DAY >= a.pivots[account]) & (rng.random(len(account)) < 0.5)
    return np.where(turned, NEW_MODEL, model)


def _tokens(rng: np.random.Generator, a: Accounts, account: Ints, prompts: Prompts) -> tuple[Ints, Ints]:
    size = len(account)
    base = np.array([60.0, 130.0, 15.0, 90.0])[prompts.form]
    wordy = np.where(a.operator[account] >= 0, 1.6, 1.0)  # copying wants long answers, but so do many people
    given = base * np.exp(rng.normal(0, 0.7, size))
    made = 220 * wordy * np.exp(rng.normal(0, 1.0, size))
    return given.astype(np.int64) + 1, made.astype(np.int64).clip(1, 8192)
