"""The words of the world: contexts, evaders, plans, instruments; a number in columns, a name in tables."""

from __future__ import annotations

from enum import IntEnum


class _Word(IntEnum):
    @classmethod
    def names(cls) -> list[str]:
        """Returns the names in order of their numbers, in lower case."""
        return [word.name.lower() for word in cls]


class Context(_Word):
    """Where an account lives; `RING` is every fake."""

    BENIGN = 0
    FAMILY = 1
    CGNAT = 2
    OFFICE = 3
    SCHOOL = 4
    COWORKING = 5
    CAFE = 6
    VPN = 7
    RELAY = 8
    RESELLER = 9
    HACKATHON = 10
    CI = 11
    RESEARCHER = 12
    PUBLIC_PROMPTS = 13
    PREPAID = 14
    RESIDENTIAL_PROXY = 15
    BYSTANDER = 16
    FRAMED = 17
    RING = 18


class Evader(_Word):
    """How a fake hides; `NONE` is every honest account."""

    NONE = 0
    LAZY = 1
    MID = 2
    CAREFUL = 3
    PROXY = 4
    SMALL = 5


class Plan(_Word):
    """What an account pays for."""

    FREE = 0
    PLUS = 1
    API = 2
    TEAM = 3


class Instrument(_Word):
    """How it pays."""

    CARD = 0
    BANK = 1
    WALLET = 2
    VOUCHER = 3
    INVOICE = 4


PREPAID_BINS = 3000
"""First of ten BINs of prepaid cards that anybody can buy."""
VIRTUAL_BINS = 3010
"""First of twenty BINs of virtual cards."""
DISPOSABLE_DOMAINS = 20
"""First of ten domains of throw-away mail."""
OWN_DOMAINS = 1000
"""From here on every number is a domain of one holder."""
