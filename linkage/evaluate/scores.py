"""The scores of an export against a truth, as frozen records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from linkage.evaluate.partitions import Agreement, Match


@dataclass(frozen=True, slots=True)
class Found:
    """How many of a group were wanted, and how many of those were found."""

    accounts: int
    found: int

    @property
    def share(self) -> float | None:
        """The share that was found; None for an empty group."""
        return self.found / self.accounts if self.accounts else None


@dataclass(frozen=True, slots=True)
class FalsePositives:
    """Innocents in a context, and how many of them were flagged."""

    accounts: int
    flagged: int

    @property
    def per_10000(self) -> float | None:
        """Innocents flagged per 10,000; None for an empty context."""
        return 10_000 * self.flagged / self.accounts if self.accounts else None


CROWD = 1000
"""Innocents from which a context is judged on its own: among fewer, one alone is more than one in a thousand."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that `linkage evaluate` says.

    flagged, unknown: accounts with the role core or member that the truth knows, and that it does not.
    accounts: flagged against fake. evaders: recall by evader. innocents, contexts: false positives.
    rings, operators: flagged accounts by ring_id, and by operator_id, against the true operator, every
    flagged innocent being a class of its own. everyone: the same by operator_id over all fakes and flagged,
    a missed fake being a cluster of its own.
    operator_recovery, cell_recovery: true operators, and true pairs of operator and campaign, of five accounts
    or more that have a Jaccard similarity of 0.5 or more with the members of a ring or of an operator_id.
    campaigns: flagged fakes whose ring's campaign_id is the one assigned one to one to their true campaign.
    bystanders: accounts with the role bystander, and those among them who are no fakes; bystanders_flagged:
    true bystanders who are core or member; bystanders_named: those who have the role bystander.
    """

    flagged: int
    unknown: int
    found_rings: int
    true_operators: int
    accounts: Match
    evaders: dict[str, Found]
    innocents: FalsePositives
    contexts: dict[str, FalsePositives]
    rings: Agreement
    operators: Agreement
    everyone: Agreement
    operator_recovery: Found
    cell_recovery: Found
    campaigns: Found
    bystanders: Found
    bystanders_flagged: Found
    bystanders_named: Found
    seconds: float

    @property
    def worst_context(self) -> tuple[str, FalsePositives] | None:
        """The context of `CROWD` innocents or more with the largest share flagged, the first by name of equals."""
        crowds = [(name, group) for name, group in sorted(self.contexts.items()) if group.accounts >= CROWD]
        return max(crowds, key=lambda one: one[1].flagged / one[1].accounts, default=None)

    def as_dict(self) -> dict[str, Any]:  # JSON
        """Returns the scores as one JSON object, with the derived shares."""
        made = asdict(self)
        made["evaders"] = {name: _found(group) for name, group in self.evaders.items()}
        made["contexts"] = {name: _false(group) for name, group in self.contexts.items()}
        made["innocents"] = _false(self.innocents)
        worst = self.worst_context
        made["worst_context"] = None if worst is None else {"context": worst[0]} | _false(worst[1])
        for name in ("operator_recovery", "cell_recovery", "campaigns", *_BYSTANDERS):
            made[name] = _found(getattr(self, name))
        made["seconds"] = round(self.seconds, 3)
        return made


_BYSTANDERS = ("bystanders", "bystanders_flagged", "bystanders_named")


def _found(group: Found) -> dict[str, int | float | None]:
    return {"accounts": group.accounts, "found": group.found, "share": group.share}


def _false(group: FalsePositives) -> dict[str, Any]:
    return {"accounts": group.accounts, "flagged": group.flagged, "per_10000": group.per_10000}
