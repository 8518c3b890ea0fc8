"""Reads an export and a truth, and refuses what cannot be scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import InputError
from linkage.evaluate.files import SUFFIXES, find, parts, read
from linkage.model.facts import TRUTH

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("core", "member", "bystander")
GONE = ("dissolved", "merged")
"""Rings of these statuses are history: their members are not flagged any more."""


def read_export(folder: Path) -> pd.DataFrame:
    """Returns the members of living rings: account_id, ring_id, role, operator_id, campaign_id.

    InputError: no such table or column, an unknown role, a member of a ring that is not in `rings`, an account
    that is `core` or `member` in two rings.
    """
    rings = read(find(folder, "rings"), ("ring_id", "status", "operator_id", "campaign_id"))
    members = read(find(folder, "members"), ("ring_id", "account_id", "role"))
    _check_members(rings, members)
    living = rings[~rings["status"].isin(GONE)]
    joined = members.merge(living[["ring_id", "operator_id", "campaign_id"]], on="ring_id")
    # a ring of which no operator is known is an operator of its own
    joined["operator_id"] = joined["operator_id"].where(joined["operator_id"] != "", "ring " + joined["ring_id"])
    return joined


def read_truth(path: Path) -> pd.DataFrame:
    """Returns the truth: account_id, operator, campaign, context, evader (empty for none).

    `path` is the table itself, a folder with it or of its parts, or a world's folder with `truth` in it. InputError: no
    such table or column, no rows, an account with two rows.
    """
    truth = read(_truth_files(path), ("account_id", "operator", "campaign", "context", "evader"))
    twice = truth["account_id"].duplicated()
    if twice.any():
        raise InputError(f"{path} has {int(twice.sum())} accounts twice; each account has one truth")
    if truth.empty:
        raise InputError(f"{path} has no rows; there is nothing to score against")
    return truth


def _check_members(rings: pd.DataFrame, members: pd.DataFrame) -> None:
    if rings["ring_id"].duplicated().any():
        raise InputError("the export's rings have a ring_id twice; each ring has one row")
    strange = sorted(set(members["role"]) - set(ROLES))
    if strange:
        raise InputError(f"the export's members have the role «{strange[0]}»; roles are {', '.join(ROLES)}")
    orphans = ~members["ring_id"].isin(rings["ring_id"])
    if orphans.any():
        raise InputError(f"{int(orphans.sum())} members of the export are in rings that its rings do not list")
    flagged = members[members["role"] != "bystander"]
    twice = flagged["account_id"].duplicated()
    if twice.any():
        raise InputError(
            f"{int(twice.sum())} accounts are core or member of two rings or twice of one; "
            "an account is in at most one ring"
        )


def _truth_files(path: Path) -> list[Path]:
    """Returns the files of a truth: the path itself, the table in the folder, or what parts the folder `truth` has."""
    if path.is_file():
        return [path]
    folder = path / TRUTH if (path / TRUTH).is_dir() else path
    if folder.resolve().name == TRUTH and not any((folder / f"{TRUTH}{suffix}").is_file() for suffix in SUFFIXES):
        return parts(folder) or find(folder, TRUTH)
    return find(folder, TRUTH)
