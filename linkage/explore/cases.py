"""What tells the cases of members and of rings: given by whoever knows the settings to those who show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from linkage.explore.belonging import Belonging
from linkage.explore.cohesion import Cohesion
from linkage.stores.base import Store


@dataclass(frozen=True, slots=True)
class Cases:
    """The case of an account by its id, and of a ring by its id; None for one that is unknown, or in no ring."""

    member: Callable[[Store, str], Belonging | None]
    ring: Callable[[Store, str], Cohesion | None]
