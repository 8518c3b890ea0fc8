"""The scores as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage.evaluate.partitions import Agreement, Match
from linkage.evaluate.scores import CROWD, Found, Scores

if TYPE_CHECKING:
    from rich.table import Table


def table(scores: Scores) -> Table:
    """Returns the scores as a rich table: what is measured, the figure, and out of how many."""
    from rich.table import Table

    made = Table(title="Rings found against the truth", title_justify="left")
    made.add_column("measure")
    made.add_column("figure", justify="right")
    made.add_column("of", justify="right")
    for section in (_accounts(scores), _innocents(scores), _groups(scores), _layers(scores)):
        for row in section:
            made.add_row(*row)
        made.add_section()
    return made


def _accounts(scores: Scores) -> list[tuple[str, str, str]]:
    rows = _match("accounts", scores.accounts, f"{scores.flagged:,} flagged")
    rows += [_found(f"recall of {name}", group) for name, group in scores.evaders.items()]
    if scores.unknown:
        rows.append(("flagged but not in the truth (left out)", f"{scores.unknown:,}", ""))
    return rows


def _innocents(scores: Scores) -> list[tuple[str, str, str]]:
    groups = {"all innocents": scores.innocents} | scores.contexts
    if scores.worst_context:
        name, group = scores.worst_context
        groups[f"worst of {CROWD:,} or more ({name})"] = group
    rows = [
        (
            f"flagged per 10,000: {name}",
            "-" if group.per_10000 is None else f"{group.per_10000:.1f}",
            f"{group.flagged:,} / {group.accounts:,}",
        )
        for name, group in groups.items()
    ]
    return [*rows, _found("bystanders flagged", scores.bystanders_flagged)]


def _groups(scores: Scores) -> list[tuple[str, str, str]]:
    return [
        *_agreement("rings", scores.rings),
        *_agreement("operators", scores.operators),
        *_agreement("operators, missed fakes too", scores.everyone),
    ]


def _layers(scores: Scores) -> list[tuple[str, str, str]]:
    return [
        _found("operators recovered", scores.operator_recovery),
        _found("operators by campaign recovered", scores.cell_recovery),
        _found("campaign attribution", scores.campaigns),
        _found("bystander precision", scores.bystanders),
        _found("bystanders named", scores.bystanders_named),
    ]


def _agreement(name: str, found: Agreement) -> list[tuple[str, str, str]]:
    size = f"{found.items:,} accounts"
    return [
        (f"{name}: pairwise P / R / F1", _three(found.pairwise), size),
        (f"{name}: B-cubed P / R / F1", _three(found.b_cubed), size),
        (f"{name}: adjusted Rand index", _figure(found.ari), size),
    ]


def _match(name: str, found: Match, of: str) -> list[tuple[str, str, str]]:
    return [(f"{name}: P / R / F1", _three(found), of)]


def _found(name: str, group: Found) -> tuple[str, str, str]:
    return (name, _figure(group.share), f"{group.found:,} / {group.accounts:,}")


def _three(found: Match) -> str:
    return " / ".join(_figure(value) for value in (found.precision, found.recall, found.f1))


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
