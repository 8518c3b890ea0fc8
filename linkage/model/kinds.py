"""Kinds of identifier: what two accounts can share, in which facet, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Facet(StrEnum):
    """Where evidence comes from; kinds inside a facet are correlated, facets are not."""

    NETWORK = "network"
    PAYMENT = "payment"
    CONTENT = "content"
    TIMING = "timing"
    DEVICE = "device"
    PROFILE = "profile"


BEHAVIOUR: tuple[Facet, ...] = (Facet.CONTENT, Facet.TIMING)
"""What the traffic does, as opposed to what it runs on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier.

    `code`: its number in columns. `label`: the label of its nodes beside `Identifier`. `windowed`: two accounts
    share it only on a day on which both used it (an IP is leased to one home after another). `supports`:
    strangers seldom share one, so it can carry a facet that a link stands on; a TLS fingerprint, a mail domain
    and an hour of sign-up only add to others.
    """

    code: int
    name: str
    facet: Facet
    label: str
    windowed: bool = False
    supports: bool = True


KINDS: tuple[Kind, ...] = (
    Kind(0, "ip", Facet.NETWORK, "IP", windowed=True),
    Kind(1, "payment", Facet.PAYMENT, "Payment"),
    Kind(2, "bin", Facet.PAYMENT, "Bin"),
    Kind(3, "prompt", Facet.CONTENT, "PromptFingerprint"),
    Kind(4, "device", Facet.DEVICE, "Device"),
    Kind(5, "tls", Facet.DEVICE, "Tls", supports=False),
    Kind(6, "phone", Facet.PROFILE, "Phone"),
    Kind(7, "email", Facet.PROFILE, "Email"),
    Kind(8, "email_domain", Facet.PROFILE, "EmailDomain", supports=False),
    Kind(9, "other", Facet.PROFILE, "Other"),
    Kind(10, "signup", Facet.PROFILE, "SignUp", supports=False),
)
"""`other` holds every further kind; the kind's own name is hashed with the value, so two never mix.
`signup` is the hour in which an account was made."""

BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
FACETS: tuple[Facet, ...] = tuple(Facet)


def kind_of(name: str) -> Kind:
    """Returns the kind of this name (case does not matter), or `other` for one not known by name."""
    return BY_NAME.get(name.strip().lower(), BY_NAME["other"])


class Place(StrEnum):
    """What sort of place an IP is; strangers at the same sort of place share more than the rest do."""

    UNKNOWN = "unknown"
    HOME = "home"
    OFFICE = "office"
    SCHOOL = "school"
    CGNAT = "cgnat"
    MOBILE = "mobile"
    DATACENTER = "datacenter"
    VPN = "vpn"
    RELAY = "relay"
    TOR = "tor"
    SHARED = "shared"
    PRIVATE = "private"


PLACE_CODES: dict[Place, int] = {place: code for code, place in enumerate(Place)}
