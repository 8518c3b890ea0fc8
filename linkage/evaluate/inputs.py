"""Reads an export and a truth, and refuses what cannot be scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".parquet", ".csv", ".csv.gz")
ROLES = ("core", "member", "bystander")
GONE = ("dissolved", "merged")
"""Rings of these statuses are history: their members are not flagged any more."""


def read_export(folder: Path) -> pd.DataFrame:
    """Returns the members of living rings: account_id, ring_id, role, operator_id, campaign_id.

    InputError: no such table or column, an unknown role, a member of a ring that is not in `rings`, an account
    that is `core` or `member` in two rings.
    """
    rings = _read(_find(folder, "rings"), ("ring_id", "status", "operator_id", "campaign_id"))
    members = _read(_find(folder, "members"), ("ring_id", "account_id", "role"))
    _check_members(rings, members)
    living = rings[~rings["status"].isin(GONE)]
    joined = members.merge(living[["ring_id", "operator_id", "campaign_id"]], on="ring_id")
    # a ring of which no operator is known is an operator of its own
    joined["operator_id"] = joined["operator_id"].where(joined["operator_id"] != "", "ring " + joined["ring_id"])
    return joined


def read_truth(path: Path) -> pd.DataFrame:
    """Returns the truth: account_id, operator, campaign, context, evader (empty for none).

    `path` is the table itself, a folder with it, or a world's folder with `truth` in it. InputError: no such
    table or column, no rows, an account with two rows.
    """
    table = path if path.is_file() else _find_truth(path)
    truth = _read(table, ("account_id", "operator", "campaign", "context", "evader"))
    twice = truth["account_id"].duplicated()
    if twice.any():
        raise InputError(f"{table} has {int(twice.sum())} accounts twice; each account has one truth")
    if truth.empty:
        raise InputError(f"{table} has no rows; there is nothing to score against")
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


def _find_truth(folder: Path) -> Path:
    inner = folder / "truth"
    return _find(inner if inner.is_dir() else folder, "truth")


def _find(folder: Path, name: str) -> Path:
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one that holds the table {name}")
    found = [folder / f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").is_file()]
    if not found:
        raise InputError(f"{folder} has no table {name} ({', '.join(name + suffix for suffix in SUFFIXES)})")
    if len(found) > 1:
        raise InputError(f"{folder} has the table {name} twice: {found[0].name} and {found[1].name}")
    return found[0]


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Returns the wanted columns as text, with nothing in place of a missing value."""

    table = _table(path)
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise InputError(f"{path} has no column {missing[0]}; it needs {', '.join(columns)}")
    frame: pd.DataFrame = table.select(list(columns)).to_pandas()
    return frame.astype("string").fillna("").astype(object)


def _table(path: Path):  # type: ignore[no-untyped-def] # pyarrow has no types
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".parquet":
            return pq.ParquetFile(path).read()
        with pa.input_stream(path, compression="detect") as stream:
            return pa_csv.read_csv(stream)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
