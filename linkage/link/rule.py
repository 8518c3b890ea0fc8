"""What makes a link, in millibits, from the settings and the size of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linkage.model.weights import based_millibits, needed_bits, telling_millibits
from linkage.settings import Settings


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a link, in millibits; `traffic`: whether any account has traffic.

    `chance`: the bits of prompts that two accounts share by chance, by whole bits of breadth (E of docs/model.md).
    """

    needed: int
    cap: int
    timing_cap: int
    floor: int
    behaviour_floor: int
    traffic: bool
    chance: tuple[float, ...]

    def limits(self) -> npt.NDArray[np.int64]:
        """Returns what the compiled loops take.

        needed, cap, timing cap, floor, behaviour floor, traffic; then `telling` and `based` of docs/model.md.
        """
        values = [self.needed, self.cap, self.timing_cap, self.floor, self.behaviour_floor, int(self.traffic)]
        return np.array([*values, self.telling, self.based], np.int64)

    @property
    def telling(self) -> int:
        """Returns the millibits from which a thing of infrastructure is telling."""
        return telling_millibits(self.needed, self.floor)

    @property
    def based(self) -> int:
        """Returns the millibits of telling infrastructure from which a pair is looked at."""
        return based_millibits(self.needed, self.floor)


def rule_of(settings: Settings, accounts: int, *, traffic: bool, chance: Sequence[float]) -> Rule:
    """Returns the rule of a link among so many accounts, in millibits."""

    def milli(bits: float) -> int:
        return round(1000 * bits)

    return Rule(
        needed=milli(needed_bits(accounts, settings.link_margin)),
        cap=milli(settings.facet_cap),
        timing_cap=milli(settings.timing_cap),
        floor=milli(settings.facet_floor),
        behaviour_floor=milli(settings.behaviour_floor),
        traffic=traffic,
        chance=tuple(chance),
    )
