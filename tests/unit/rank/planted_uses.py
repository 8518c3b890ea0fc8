"""Incidences of uses that a test plants one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import working_tables as tables

from linkage.model.kinds import BY_NAME, FACETS
from linkage.rank.conduct import Conduct
from linkage.working.incidence import Incidence, read_incidence
from linkage.working.vectors import write_vectors

PROMPT, CARD, IP = (BY_NAME[name].code for name in ("prompt", "payment", "ip"))
Use = tuple[int, int, int]  # account, thing, days as a mask


def conduct_of(accounts: int, created: np.ndarray, excused: Sequence[int]) -> Conduct:
    """Returns the conduct of accounts that all do the same, some of them excused, and came at these times."""
    flags, none = np.zeros(accounts, bool), np.zeros(accounts)
    flags[list(excused)] = True
    return Conduct(np.ones(accounts), created, np.zeros(accounts, bool), flags, 1.0, 1.0, 0.01, none, none, 0.0, 0.0)


def incidence_of(accounts: int, kinds: list[int], uses: list[Use], starts: Sequence[int] = ()) -> Incidence:
    """Returns the incidence of uses in one block of days; things are numbered as in `kinds`.

    All accounts start a session in the minutes `starts`.
    """
    con = tables.connect()
    tables.insert(con, "account (account, id)", [(one, f"a{one:04}") for one in range(accounts)])
    habits = [(one, one, list(starts), [0] * len(FACETS), 1) for one in range(accounts)]
    tables.insert(con, "habit (account, ordinal, starts, breadth, requests)", habits)
    pairs = np.array([use[:2] for use in sorted(uses)], np.int32).reshape(-1, 2)
    rows = {"account": pairs[:, 0], "identifier": pairs[:, 1], "block": np.zeros(len(pairs), np.int16)}
    rows["days"] = np.array([days for _, _, days in sorted(uses)], np.uint64)
    kind, worth = np.array(kinds, np.uint8), np.full(len(kinds), 5000, np.int32)
    write_vectors(con, tables.by_thing(rows, kind, np.zeros(len(kinds), np.uint8), worth))
    return read_incidence(con)
