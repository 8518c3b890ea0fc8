"""What the reject file of the last load says, counted: nothing of a row is repeated."""

from __future__ import annotations

import json
from collections import Counter

from linkage.jobs.load import reject_folder
from linkage.jobs.site import Site
from linkage.validate.rejects import NAME


def reject_counts(site: Site) -> list[tuple[str, str, str, int]]:
    """Returns table, column ('' for a row that is none), reason and rows, most rows first."""
    path = reject_folder(site) / NAME
    if not path.exists():
        return []
    counts: Counter[tuple[str, str, str]] = Counter()
    with path.open(encoding="ascii") as lines:
        for line in lines:
            row = json.loads(line)
            counts[row["table"], row["column"] or "", row["reason"]] += 1
    return [(*key, rows) for key, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
