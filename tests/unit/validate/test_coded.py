"""Columns that hold each value once are checked and numbered as those that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import working_tables as tables

from linkage.derive import Absorber, PlaceLists, weigh
from linkage.keys import Keyring
from linkage.read import batches, open_folder
from linkage.validate import Validator

ROWS = 400
IDS = ["account-of-one", " account-of-two ", None, "account\x01", "account-of-three", "", "account-of-four"]
IPS = ["192.0.2.1", "nonsense", None, " 2001:db8::1 ", "192.0.2.7"]


def _facts(folder: Path, coded: bool) -> Path:
    folder.mkdir()
    ids = pa.array([IDS[row * 5 % 7] for row in range(ROWS)], pa.string())
    ips = pa.array([IPS[(row // 3) % 5] for row in range(ROWS)], pa.string())
    at = pa.array([1_700_000_000_000_000 + row * 60_000_000 for row in range(ROWS)], pa.timestamp("us", "UTC"))
    columns = {"account_id": ids, "at": at, "ip": ips}
    if coded:
        columns |= {name: columns[name].dictionary_encode() for name in ("account_id", "ip")}
    pq.write_table(pa.table(columns), folder / "requests.parquet", use_dictionary=coded, row_group_size=150)
    pq.write_table(pa.table({"account_id": pa.array(["z"])}), folder / "accounts.parquet")
    return folder


def _loaded(folder: Path) -> tuple[Any, ...]:
    (part,) = open_folder(folder).tables["requests"]
    con = tables.connect()
    kinds = set()
    with Validator(folder / "rejects") as validator:
        absorber = Absorber(con, Keyring("a secret of the tests alone"), PlaceLists.read(""), 1)
        for raw in batches(part):
            kinds.add(str(raw.rows.column("account_id").type).split("<")[0])
            absorber.absorb("requests", validator.check(raw))
        absorber.finish()
    weigh(con)
    found = [con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in ("account", "use", "habit")]
    assert validator.path is not None
    return kinds, found, validator.reasons, validator.path.read_text()


def test_coded_columns_give_what_plain_ones_do(tmp_path: Path) -> None:
    plain, coded = _loaded(_facts(tmp_path / "plain", False)), _loaded(_facts(tmp_path / "coded", True))
    assert (plain[0], coded[0]) == ({"string"}, {"dictionary"})
    assert plain[1:] == coded[1:]
    assert len(plain[1][0]) == 4
    assert sum(plain[2].values()) < ROWS
