"""What users have declared: sharing inside an organization is explained, a benign account is no suspect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from linkage.model.columns import LinkColumns
from linkage.model.weights import INFRASTRUCTURE_GRADE

if TYPE_CHECKING:
    import duckdb


def excused(con: duckdb.DuckDBPyConnection, pairs: LinkColumns, ordinals: npt.NDArray[np.int32]) -> LinkColumns:
    """Returns the links with the grade `infrastructure` where a declaration explains the sharing.

    Pairs go by `ordinals`, which are given by number.
    """
    tenant = np.full(len(ordinals), -1, np.int32)
    declared = con.execute(
        "SELECT account, dense_rank() OVER (ORDER BY organization)::INTEGER AS tenant FROM account "
        "WHERE organization IS NOT NULL"
    ).fetchnumpy()
    tenant[ordinals[declared["account"]]] = declared["tenant"]
    benign = np.zeros(len(ordinals), bool)
    labelled = con.execute(
        "SELECT account FROM label GROUP BY account "
        "HAVING arg_max(label, (moment IS NOT NULL, moment, label)) = 'benign'"
    ).fetchnumpy()
    benign[ordinals[labelled["account"]]] = True
    same = (tenant[pairs.a] >= 0) & (tenant[pairs.a] == tenant[pairs.b])
    free = same | benign[pairs.a] | benign[pairs.b]
    return replace(pairs, grade=np.where(free, INFRASTRUCTURE_GRADE, pairs.grade).astype(np.uint8))
