"""The port's part for decisions of analysts: kept apart from runs, and never lost to one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

from linkage.model.decisions import Conflict, Decision, without


class Decisions(ABC):
    """Keeping decisions. Each has an id and a version, so that no change of somebody else is overwritten."""

    @abstractmethod
    def decisions(self) -> list[Decision]:
        """Returns all decisions, those that were revoked or have expired too, by time, then id."""

    @abstractmethod
    def keep_decision(self, decision: Decision) -> None:
        """Keeps a decision: a new one as version 1, a changed one as the version after that which is kept.

        The same call twice leaves what one call leaves. VersionConflict where another version is kept.
        """

    @abstractmethod
    def conflicts(self, run_id: str) -> list[Conflict]:
        """Returns where evidence spoke against decisions in a run, by decision and sentence."""

    @abstractmethod
    def drop_decision(self, decision_id: str) -> None:
        """Removes a decision for good, as none is but for an erasure."""

    @abstractmethod
    def drop_conflicts(self, decision_id: str) -> None:
        """Removes what evidence said against a decision in any run."""

    def forget_accounts(self, account_ids: Collection[str]) -> int:
        """Takes accounts out of all decisions, and removes those that decide nothing without them.

        Returns how many were changed or removed. Cut short, the same call goes on.
        """
        changed = 0
        for decision in self.decisions():
            left = without(decision, account_ids)
            if left == decision:
                continue
            changed += 1
            self.drop_conflicts(decision.decision_id)
            if left is None:
                self.drop_decision(decision.decision_id)
            else:
                self.keep_decision(left)
        return changed


def succeeds(decision: Decision, kept: Decision | None) -> bool:
    """Returns whether a decision may take the place of the one kept under its id; they may be equal."""
    return decision == kept or decision.version == (kept.version if kept else 0) + 1


def conflict_message(decision: Decision, kept: int) -> str:
    """Returns what to say where version `kept` of a decision (0 for none) is not the one that was to be changed."""
    return (
        f"{decision.decision_id} is at version {kept}, and version {decision.version} does not follow it: "
        "read it again, and decide anew"
    )
