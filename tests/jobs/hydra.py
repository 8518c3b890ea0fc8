"""A ring of which every account is banned, and what its operator does then: facts by night, added to a world."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

BEGINS = datetime(2026, 4, 1)  # noqa: DTZ001 - the day after the last of the world; facts are UTC
QUESTIONS = [f"hydra-question-{number:03d}" for number in range(480)]
OTHERS = [f"other-question-{number:03d}" for number in range(480)]
ADDRESSES = [f"203.0.113.{number}" for number in range(10, 16)]
ELSEWHERE = [f"198.51.100.{number}" for number in range(10, 16)]


@dataclass(frozen=True)
class Head:
    """Accounts that work together for some days, with their cards in turn, their addresses and their questions."""

    accounts: Sequence[str]
    day: int
    days: int
    cards: Sequence[str]
    addresses: Sequence[str] = tuple(ADDRESSES)
    questions: Sequence[str] = tuple(QUESTIONS)
    each: int = 30
    """Requests of an account a day."""


def names(prefix: str, count: int) -> list[str]:
    """Returns names of accounts or cards."""
    return [f"{prefix}-{number:02d}" for number in range(count)]


def write(folder: Path, heads: Sequence[Head] = (), banned: Sequence[str] = ()) -> Path:
    """Writes the facts of these heads, and of accounts that are banned, as one night's folder; returns it."""
    folder.mkdir(parents=True)
    rng = random.Random(str(folder.name))
    accounts = [{"account_id": one, "status": "terminated"} for one in banned]
    payments, requests = [], []
    for head in heads:
        start = BEGINS + timedelta(days=head.day)
        for number, account in enumerate(head.accounts):
            made = start + timedelta(minutes=7 * number)
            accounts.append({"account_id": account, "status": "active", "created_at": made})
            card = head.cards[number % len(head.cards)]
            payments.append({"account_id": account, "payment_id": card, "at": made})
            for _ in range(head.each * head.days):
                at = start + timedelta(hours=2, seconds=rng.random() * (head.days * 86400 - 7200))
                address, question = rng.choice(head.addresses), rng.choice(head.questions)
                row = {"account_id": account, "at": at, "ip": address, "prompt_fingerprint": question}
                requests.append(row)
    for table, rows in (("accounts", accounts), ("payments", payments), ("requests", requests)):
        if rows:
            pd.DataFrame(rows).to_parquet(folder / f"{table}.parquet", index=False)
    return folder
