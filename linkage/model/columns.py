"""Links as columns: what the link step makes, and detection and ranking work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from linkage.model.kinds import FACETS

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """Links between accounts (a < b), by number or by ordinal.

    Weights are in millibits, `facets` links x facets, `grade` is one of GRADES.
    """

    a: npt.NDArray[np.int32]
    b: npt.NDArray[np.int32]
    bits: npt.NDArray[np.int32]
    facets: npt.NDArray[np.int32]
    grade: npt.NDArray[np.uint8]

    def take(self, rows: npt.NDArray[Any]) -> LinkColumns:
        """Returns the links of these rows (numbers or a mask)."""
        return LinkColumns(self.a[rows], self.b[rows], self.bits[rows], self.facets[rows], self.grade[rows])

    def __len__(self) -> int:
        return len(self.a)


def renamed(links: LinkColumns, names: npt.NDArray[np.int32]) -> tuple[LinkColumns, npt.NDArray[np.intp]]:
    """Returns the links between accounts by other numbers, by (a, b), and at which row each was before."""
    import numpy as np

    a, b = names[links.a], names[links.b]
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((high, low))
    rows = links.take(order)
    return LinkColumns(low[order], high[order], rows.bits, rows.facets, rows.grade), order


def read_links(con: duckdb.DuckDBPyConnection) -> LinkColumns:
    """Returns the links of the working file between numbers of accounts, by (a, b)."""
    import numpy as np

    names = ["a", "b", "bits", *(facet.value for facet in FACETS), "grade"]
    table = con.sql(f"SELECT {', '.join(names)} FROM link ORDER BY a, b").to_arrow_table()
    columns = {name: table.column(name).to_numpy() for name in names}
    facets = np.stack([columns[facet.value] for facet in FACETS], axis=1)
    return LinkColumns(columns["a"], columns["b"], columns["bits"], facets, columns["grade"])
