"""Runs as tables: for people on a terminal and, as Markdown, for docs/detection.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from detection.figures import FIGURES, FURTHER, ONE_POOL, Figure, Scores, Summary, summary
from detection.runs import Run

Row = list[str]
BEGIN = "<!-- measured: begin (tests/benchmarks/bench_detection.py --write) -->"
END = "<!-- measured: end -->"
OWN = "linkage"


def sections(runs: Sequence[Run]) -> list[tuple[str, list[Row]]]:
    """Returns titled tables, the first row of each being its head."""
    made = []
    for accounts in sorted({run.spec.accounts for run in runs}):
        here = [run for run in runs if run.spec.accounts == accounts]
        title = f"{accounts:,} accounts"
        made.append((f"{title}: figures against their bars", _figures(here)))
        if {run.method for run in here} != {OWN}:
            made.append((f"{title}: with something left out, and simpler methods", _methods(here)))
        own = _own(here)
        made.append((f"{title}: recall by evader", _evaders(own)))
        made.append((f"{title}: innocents flagged by context", _contexts(own)))
    return made


def markdown(runs: Sequence[Run]) -> str:
    """Returns all tables as Markdown."""
    parts = [_basis(runs)]
    for title, (head, *rows) in sections(runs):
        rule = ["---"] + ["---:"] * (len(head) - 1)
        lines = ["| " + " | ".join(row) + " |" for row in (head, rule, *rows)]
        parts.append(f"### {title}\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def text(runs: Sequence[Run]) -> str:
    """Returns all tables for a terminal."""
    parts = [_basis(runs)]
    for title, rows in sections(runs):
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
        parts.append(title + "\n" + "\n".join(lines))
    return "\n\n".join(parts)


def write(page: Path, runs: Sequence[Run]) -> None:
    """Puts the tables between the markers of the page; what is outside stays as it is."""
    old = page.read_text(encoding="utf-8")
    if BEGIN not in old or END not in old:
        raise SystemExit(f"{page} lacks the lines «{BEGIN}» and «{END}» between which the tables go")
    before, after = old.split(BEGIN)[0], old.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{markdown(runs)}\n{END}{after}", encoding="utf-8")


def _basis(runs: Sequence[Run]) -> str:
    seeds = sorted({run.spec.seed for run in runs})
    return (
        f"Seeds {', '.join(map(str, seeds))}. Mean over the seeds; ± is the standard deviation over them, worst the "
        "worst seed. Innocents, worst context (of 1,000 innocents or more): flagged per 10,000. ! misses the bar."
    )


def _own(runs: Sequence[Run], *, shared: bool = False) -> list[Scores]:
    return [run.scores for run in runs if run.method == OWN and run.spec.shared == shared]


def _figures(runs: Sequence[Run]) -> list[Row]:
    rows = [["figure", "bar", "mean", "±", "worst"]]
    for figure in (*FIGURES, ONE_POOL, *FURTHER):
        found = summary(figure, _own(runs, shared=figure is ONE_POOL))
        if found.mean is not None:
            rows.append([figure.name, figure.bound(), _marked(figure, found.mean), *_rest(figure, found)])
    return rows


def _rest(figure: Figure, found: Summary) -> Row:
    return [figure.text(found.spread), figure.text(found.worst)]


def _marked(figure: Figure, value: float | None) -> str:
    return figure.text(value) + ("" if figure.met(value) else " !")


def _methods(runs: Sequence[Run]) -> list[Row]:
    """Returns mean figures by method, those of linkage with the worst seed beside, under the bars."""
    by_method: dict[str, list[Scores]] = defaultdict(list)
    pooled: dict[str, list[Scores]] = defaultdict(list)
    for run in runs:
        (pooled if run.spec.shared else by_method)[run.method].append(run.scores)
    figures = [*FIGURES, *([ONE_POOL] if pooled else [])]

    def row(name: str, show: Callable[[Figure, Summary], str], method: str) -> Row:
        found = [(one, summary(one, (pooled if one is ONE_POOL else by_method)[method])) for one in figures]
        return [name, *(show(one, of) for one, of in found)]

    return [
        ["", *(figure.name for figure in figures)],
        ["bar", *(figure.bound() for figure in figures)],
        row("linkage", lambda one, of: _marked(one, of.mean), OWN),
        row("linkage, worst seed", lambda one, of: one.text(of.worst), OWN),
        *(row(name, lambda one, of: one.text(of.mean), name) for name in by_method if name != OWN),
    ]


def _evaders(own: Sequence[Scores]) -> list[Row]:
    rows = [["evader", "fakes", "found", "recall", "±", "worst"]]
    for name in sorted({name for scores in own for name in scores["evaders"]}):
        figure = Figure(name, lambda scores, name=name: scores["evaders"].get(name, {}).get("share"))
        rows.append([name, *_totals(own, "evaders", name, "found"), *_three(figure, own)])
    return rows


def _contexts(own: Sequence[Scores]) -> list[Row]:
    rows = [["context", "innocents", "flagged", "per 10,000", "±", "worst"]]
    for name in sorted({name for scores in own for name in scores["contexts"]}):
        figure = Figure(
            name, lambda scores, name=name: scores["contexts"].get(name, {}).get("per_10000"), less=True, digits=1
        )
        rows.append([name, *_totals(own, "contexts", name, "flagged"), *_three(figure, own)])
    return rows


def _totals(own: Sequence[Scores], part: str, name: str, hits: str) -> Row:
    groups: list[dict[str, Any]] = [scores[part].get(name, {}) for scores in own]
    return [f"{sum(group.get(key, 0) for group in groups):,}" for key in ("accounts", hits)]


def _three(figure: Figure, own: Sequence[Scores]) -> Row:
    found = summary(figure, own)
    return [figure.text(found.mean), figure.text(found.spread), figure.text(found.worst)]
