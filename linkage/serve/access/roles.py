"""Roles, and whoever has one: what every check of access is made on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from linkage.errors import SettingsError


class Rank(IntEnum):
    """What somebody may do; each rank may do all that those below it may.

    A viewer reads rings and figures, an analyst also accounts with what they used and why they are linked, and
    gives verdicts; an operator starts runs, exports and sets what links must or cannot be; an admin revokes.
    """

    VIEWER = 1
    ANALYST = 2
    OPERATOR = 3
    ADMIN = 4

    @property
    def text(self) -> str:
        """Returns the name as keys, tokens and the command line write it."""
        return self.name.lower()


RANKS = tuple(rank.text for rank in Rank)


def rank_of(text: str) -> Rank:
    """Returns the rank of this name; SettingsError for any other text."""
    try:
        return Rank[text.strip().upper()]
    except KeyError:
        raise SettingsError(f"«{text}» is no role: use {', '.join(RANKS)}") from None


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever sends a request. `name` goes into the audit log: the id of a key, the subject of a token."""

    name: str
    rank: Rank
    way: str


LOCAL = Principal("local", Rank.ADMIN, "none")
"""Anybody on this machine, while no key is asked for."""
OWNER = Principal("LINKAGE_API_KEY", Rank.ADMIN, "setting")
"""The holder of the service's own key."""
