"""Fingerprints on real prompts: pairs, strangers, free paraphrase, small edits, and prompts per second.

`python tests/benchmarks/bench_fingerprint.py [--json]`. Needs the real prompts (LINKAGE_TEST_DATA names their
folder) and datasketch.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent))

from edits import EDITS
from scoring import NATURAL, TEMPLATED, biggest, held_out, pairwise, strangers, twins

from linkage.fingerprint import fingerprint_batch
from linkage.keys import Keyring

KEYRING = Keyring("a secret for measurements only")
Method = Callable[[list[str]], list[set[Hashable]]]
Row = dict[str, str | float | int]


def keys_of(prompts: list[str], *, whole: bool = True) -> list[set[Hashable]]:
    """Returns the keys of each prompt; `whole` with those of its wording and its question."""
    found: list[set[Hashable]] = [set() for _ in prompts]
    made = fingerprint_batch(pa.array(prompts, pa.large_string()), KEYRING)
    for row, key, wording in zip(made.rows.tolist(), made.keys.tolist(), made.whole.tolist(), strict=True):
        if whole or not wording:
            found[row].add(key)
    return found


def _masked(prompt: str) -> list[str]:
    words = re.findall(r"\w+", re.sub(r'"[^"]*"', "Q", prompt).lower())
    return ["#" if word.isdigit() else word for word in words]


BASELINES: dict[str, Method] = {
    "the same text": lambda prompts: [{prompt} for prompt in prompts],
    "first eight words": lambda prompts: [{tuple(prompt.lower().split()[:8])} for prompt in prompts],
    "first six or last six masked words": lambda prompts: [
        {("h", *_masked(prompt)[:6]), ("t", *_masked(prompt)[-6:])} for prompt in prompts
    ],
}


def template_table() -> list[Row]:
    """Pairs of one template on T0, by method and by half of the templates."""
    prompts, groups = _source("t0_p3")
    merged = [twins(group) for group in groups]
    rows = [_pair_row(name, method(prompts), groups) for name, method in BASELINES.items()]
    ours = keys_of(prompts, whole=False)
    rows.append(_pair_row("linkage, templates", ours, groups))
    for name, half in (
        ("templates, the half of which misses were read", False),
        ("templates, the other half", True),
    ):
        chosen = [row for row, held in enumerate(held_out(groups)) if held is half]
        rows.append(_pair_row(name, [ours[row] for row in chosen], [groups[row] for row in chosen]))
    rows.append(_pair_row("templates, twins of one text taken as one", ours, merged))
    return [*rows, _pair_row("linkage, templates and questions", keys_of(prompts), groups)]


def other_table() -> list[Row]:
    """The other sources: few of their prompts come from templates, and free paraphrase must not be joined."""
    rows = []
    for source in ("banking77", "clinc150", "gpteacher_roleplay", "gpteacher_toolformer", "humaneval"):
        prompts, groups = _source(source)
        ours = keys_of(prompts)
        row = _pair_row(source, ours, groups)
        rows.append(row | {"prompts": len(prompts), "largest": biggest(ours)})
    return rows


def natural_table() -> list[Row]:
    """Groups of five or more distinct people that share a token."""
    table = pq.read_table(NATURAL)
    prompts, users = table.column("prompt").to_pylist(), table.column("user").to_pylist()
    ours: dict[str, Method] = {
        "linkage, templates": partial(keys_of, whole=False),
        "linkage, templates and questions": keys_of,
    }
    methods = BASELINES | ours
    return [
        {"method": name, "groups": len(found), "largest": max(found, default=0)}
        for name, method in methods.items()
        for found in [strangers(method(prompts), users)]
    ]


def edit_table(most: int = 4000) -> list[Row]:
    """How many prompts still share a template's key with themselves after a small edit."""
    prompts = _source("t0_p3")[0][:: max(1, 16_668 // most)]
    before = keys_of(prompts, whole=False)
    rows: list[Row] = []
    for name, edit in EDITS.items():
        after = keys_of([edit(prompt) for prompt in prompts], whole=False)
        kept = [bool(old & new) for old, new in zip(before, after, strict=True) if old]
        rows.append({"edit": name, "kept": sum(kept) / len(kept)})
    return rows


def rate_table(count: int = 50_000, beside: int = 1_000) -> list[Row]:
    """Prompts per second of one core (CPU time, the best of five), for prompts of about 236 and 716 characters."""
    from datasketch import MinHash

    rows: list[Row] = []
    for low, high in ((160, 330), (550, 900)):
        prompts = [p for p in _source("t0_p3")[0] if low <= len(p) <= high]
        prompts = (prompts * (count // len(prompts) + 1))[:count]
        array = pa.array(prompts, pa.large_string())
        fingerprint_batch(array.slice(0, 10), KEYRING)
        ours = min(_seconds(lambda array=array: fingerprint_batch(array, KEYRING)) for _ in range(5))  # type: ignore[misc]
        few = prompts[:beside]
        theirs = _seconds(lambda few=few: [_minhash(MinHash, prompt) for prompt in few])  # type: ignore[misc]
        rows.append(
            {
                "characters": round(sum(map(len, prompts)) / count),
                "linkage": round(count / ours),
                "datasketch MinHash-128": round(beside / theirs),
                "times": round(count / ours / (beside / theirs), 1),
            }
        )
    return rows


def _minhash(make: Callable[..., object], prompt: str) -> object:
    words = _masked(prompt)
    sketch = make(num_perm=128)
    sketch.update_batch([" ".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2))])  # type: ignore[attr-defined]
    return sketch


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _source(name: str) -> tuple[list[str], list[str]]:
    table = pq.read_table(TEMPLATED, columns=["source", "prompt", "group"])
    table = table.filter(pc.equal(table.column("source"), name))
    return table.column("prompt").to_pylist(), table.column("group").to_pylist()


def _pair_row(name: str, tokens: list[set[Hashable]], groups: list[str]) -> Row:
    score = pairwise(tokens, groups)
    each = sum(map(len, tokens)) / max(1, len(tokens))
    return {"method": name, "precision": score.precision, "recall": score.recall, "tokens": each}


def tables() -> dict[str, list[Row]]:
    """Returns every table by its title."""
    return {
        "pairs of one template, T0": template_table(),
        "other sources": other_table(),
        "groups of five or more strangers, natural prompts": natural_table(),
        "small edits: prompts that keep a template's key": edit_table(),
        "prompts per second, one core": rate_table(),
    }


def _shown(value: str | float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _print(title: str, rows: Iterable[Row]) -> None:
    cells = [next(iter(rows)).keys(), *[[_shown(value) for value in row.values()] for row in rows]]
    widths = [max(len(str(cell)) for cell in column) for column in zip(*map(list, cells), strict=True)]
    print(f"\n{title}")
    for line in cells:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def main() -> None:
    """Prints the tables, or with --json one JSON object of them."""
    if not TEMPLATED.exists():
        sys.exit(f"the real prompts are not at {TEMPLATED}; set LINKAGE_TEST_DATA to the folder that holds prompts/")
    made = tables()
    if "--json" in sys.argv[1:]:
        print(json.dumps(made))
        return
    for title, rows in made.items():
        _print(title, rows)


if __name__ == "__main__":
    main()
