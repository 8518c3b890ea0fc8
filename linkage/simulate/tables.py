"""The tables of a world as Arrow: accounts, payments, identifiers, labels, requests, and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from linkage.simulate.addresses import texts
from linkage.simulate.fingerprints import prompt_fingerprints
from linkage.simulate.ground import COUNTRIES, DAYS
from linkage.simulate.people import MODELS
from linkage.simulate.prompts import prompt_texts
from linkage.simulate.randomness import Anything, Floats, Hashes, Ints, fraction, mix
from linkage.simulate.rhythm import DAY
from linkage.simulate.traffic import Requests
from linkage.simulate.vocabulary import DISPOSABLE_DOMAINS, OWN_DOMAINS, Context, Evader, Instrument, Plan
from linkage.simulate.world import World

if TYPE_CHECKING:
    import pyarrow as pa

BEGINS = np.datetime64("2026-03-02T00:00:00", "us")
"""The first moment of every world: a Monday."""
NEVER = 1e6
MODEL_NAMES = [f"model-{n + 1}" for n in range(MODELS)] + ["model-next"]
ENDPOINTS = ("/v1/chat", "/v1/responses", "/v1/batch")
MAIL = [f"mail{n:02d}.example" for n in range(12)]


def account_ids(keys: Hashes) -> pa.Array:
    """Returns the identifiers of accounts, which say nothing of them."""
    return _keys("acct_", keys)


def accounts_table(world: World, rows: Ints, now: float) -> pa.Table:
    """Returns these accounts as they stand at the day `now`."""
    import pyarrow as pa

    a = world.accounts
    banned = a.banned[rows] < now
    return pa.table(
        {
            "account_id": account_ids(world.keys[rows]),
            "created_at": _times(a.created[rows] * DAY),
            "status": _named(["active", "terminated"], banned.astype(np.int64)),
            "plan": _named(Plan.names(), a.plan[rows]),
            "country": _named(list(COUNTRIES), a.country[rows]),
            "email_domain": _domains(a.domain[rows]),
            "organization": _organizations(a.organization[rows]),
        }
    )


def payments_table(world: World) -> tuple[pa.Table, Floats]:
    """Returns all payment instruments, and the day of each; one honest card in ten was replaced."""
    import pyarrow as pa

    a = world.accounts
    pays = np.flatnonzero(a.card >= 0)
    luck = fraction(mix(world.seed, world.keys[pays], "second card"))
    again = pays[(luck < 0.1) & (a.operator[pays] < 0)]
    rows = np.concatenate([pays, again])
    second = np.arange(len(rows)) >= len(pays)
    serial = np.where(second, world.keys[rows], mix(world.seed, a.card[rows], "card"))
    wait = fraction(mix(world.keys[rows], second, "paid"))
    day = np.where(second, wait * DAYS, a.created[rows] + 0.01 + wait**3 * 5).clip(max=DAYS - 1e-3)
    day = np.maximum(day, a.created[rows])
    bins = mix(a.bin[rows], "bin") % np.uint64(900_000) + np.uint64(100_000)
    card = a.instrument[rows] == Instrument.CARD
    table = pa.table(
        {
            "account_id": account_ids(world.keys[rows]),
            "payment_id": _keys("pm_", serial),
            "at": _times(day * DAY),
            "kind": _named(Instrument.names(), a.instrument[rows]),
            "bin": pa.array(bins.astype(str), mask=~card),
            "issuer": pa.array(np.char.add("bank-", (a.bin[rows] // 4).astype(str)), mask=~card),
            "country": _named(list(COUNTRIES), a.country[rows]),
        }
    )
    return table, day


def identifiers_table(world: World) -> tuple[pa.Table, Floats]:
    """Returns devices, phones, mail hashes and TLS fingerprints, and the day of each."""
    import pyarrow as pa

    a = world.accounts
    parts, days = [], []
    for kind in ("device", "phone", "email", "tls"):
        value: Ints = getattr(a, kind)
        rows = np.flatnonzero(value >= 0)
        day = np.maximum(a.created[rows], -400) + 0.001
        days.append(day)
        parts.append(
            pa.table(
                {
                    "account_id": account_ids(world.keys[rows]),
                    "kind": pa.array([kind]).take(pa.array(np.zeros(len(rows), dtype=np.int32))),
                    "value": _keys(f"{kind}_", _public_or_seeded(world.seed, kind, value[rows])),
                    "at": _times(day * DAY),
                }
            )
        )
    return pa.concat_tables(parts), np.concatenate(days)


def labels_table(world: World) -> tuple[pa.Table, Floats]:
    """Returns what is already known: bans for abuse, and organisations that were cleared."""
    import pyarrow as pa

    a = world.accounts
    rows = np.flatnonzero(a.label > 0)
    names = _named(["", "abuse", "benign"], a.label[rows])
    table = pa.table(
        {
            "account_id": account_ids(world.keys[rows]),
            "label": names,
            "at": _times(a.labelled[rows] * DAY),
            "source": _named(["", "trust-and-safety", "sales"], a.label[rows]),
        }
    )
    return table, a.labelled[rows]


def requests_table(world: World, part: Requests, *, text: bool) -> pa.Table:
    """Returns a slice of the requests, with prompts as text or as fingerprints."""
    import pyarrow as pa

    a = world.accounts
    endpoint = np.where(a.plan[part.account] == Plan.API, 1, 0) + (part.output_tokens % 37 == 0)
    prompts = (
        {"prompt": prompt_texts(part.prompts)}
        if text
        else {"prompt_fingerprint": prompt_fingerprints(part.prompts, world.seed)}
    )
    rows, places = np.unique(part.account, return_inverse=True)
    ids = pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), account_ids(world.keys[rows]))
    return pa.table(
        {
            "account_id": ids,
            "at": _times(part.at),
            "ip": texts(part.address),
            "model": _coded(MODEL_NAMES, part.model),
            "endpoint": _coded(list(ENDPOINTS), endpoint),
            **prompts,
            "input_tokens": pa.array(part.input_tokens.astype(np.int32)),
            "output_tokens": pa.array(part.output_tokens.astype(np.int32)),
        }
    )


def truth_table(world: World) -> pa.Table:
    """Returns what only a benchmark knows of every account."""
    import pyarrow as pa

    a = world.accounts
    operators = ["", *(f"operator-{n:04d}" for n in range(int(a.operator.max(initial=-1)) + 1))]
    campaigns = ["", *(f"campaign-{n}" for n in range(int(a.campaign.max(initial=-1)) + 1))]
    return pa.table(
        {
            "account_id": account_ids(world.keys),
            "operator": _named(operators, a.operator + 1),
            "campaign": _named(campaigns, a.campaign + 1),
            "context": _named(Context.names(), a.context),
            "evader": _named(["", *Evader.names()[1:]], a.evader),
        }
    )


def _times(seconds: Floats) -> pa.Array:
    import pyarrow as pa

    micro = (np.floor(seconds) * 1e6).astype("timedelta64[us]")
    return pa.array(BEGINS + micro, type=pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))


def _public_or_seeded(seed: int, kind: str, values: Ints) -> Hashes:
    """TLS fingerprints are those of public clients, equal in every world; all else is the world's own."""
    return mix(values, "tls") if kind == "tls" else mix(seed, values, kind)


def _keys(prefix: str, keys: Hashes) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = np.frombuffer(keys.astype(">u8").tobytes().hex().encode(), dtype="S16")
    return pc.binary_join_element_wise(prefix, pa.array(digits.astype(str)), "")


def _named(names: list[str], numbers: Anything) -> pa.Array:
    return _coded(names, numbers).dictionary_decode()


def _coded(names: list[str], numbers: Anything) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(numbers).astype(np.int32)), pa.array(names))


def _domains(codes: Ints) -> pa.Array:
    kinds, places = np.unique(codes, return_inverse=True)
    return _named([_domain(int(code)) for code in kinds], places)


def _domain(code: int) -> str:
    if code >= OWN_DOMAINS:
        return f"firm{code - OWN_DOMAINS}.example"
    return f"quick{code - DISPOSABLE_DOMAINS}.example" if code >= DISPOSABLE_DOMAINS else MAIL[code]


def _organizations(codes: Ints) -> pa.Array:
    import pyarrow as pa

    names = pa.array(np.char.add("org-", codes.astype(str)), mask=codes < 0)
    return names.cast(pa.string())
