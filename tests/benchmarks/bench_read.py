"""Rows per second of read and validate on Parquet, beside pyarrow alone (the floor) and pandas, in one run.

Run: python tests/benchmarks/bench_read.py [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from linkage.read import batches, open_folder
from linkage.validate import Validator

ROWS = 5_000_000
HOT = ("account_id", "at", "ip", "n")
ATTRIBUTES = (*HOT, "model", "endpoint", "input_tokens", "output_tokens")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        requests = folder / "requests.parquet"
        write_requests(requests, rows)
        pq.write_table(pa.table({"account_id": ["a"]}), folder / "accounts.parquet")
        load(folder, HOT)  # compile and warm the page cache, outside the measure
        print(f"{rows:,} requests, {requests.stat().st_size / 1e6:.0f} MB of Parquet")
        print(f"{'':52} {'wall s':>7} {'CPU s':>7} {'M rows/s':>9} {'M rows/CPU s':>13}")
        for title, names in (("account_id, at, ip, n", HOT), ("all but prompts", ATTRIBUTES)):
            columns = list(names)
            measure(f"read and validate ({title})", rows, lambda c=columns: load(folder, c))
            measure(f"floor: pyarrow iter_batches ({title})", rows, lambda c=columns: floor(requests, c))
            measure(f"pandas.read_parquet ({title})", rows, lambda c=columns: pd.read_parquet(requests, columns=c))


def write_requests(path: Path, rows: int) -> None:
    """Writes requests of rows / 35 accounts from half as many addresses over 60 days."""
    random = np.random.default_rng(7)
    accounts = pa.array([f"acct_{number:010d}" for number in range(max(1, rows // 35))])
    words = random.integers(0, 256, (max(1, rows // 70), 4))
    addresses = pa.array([".".join(map(str, word)) for word in words.tolist()])
    start = np.datetime64("2026-09-01T00:00:00", "us").astype(np.int64)
    writer: pq.ParquetWriter | None = None
    for first in range(0, rows, 1_000_000):
        size = min(1_000_000, rows - first)
        tokens = random.integers(1, 4000, (2, size))
        table = pa.table(
            {
                "account_id": accounts.take(pa.array(random.integers(0, len(accounts), size))),
                "at": pa.array(start + random.integers(0, 60 * 86_400 * 10**6, size)).cast(pa.timestamp("us", "UTC")),
                "ip": addresses.take(pa.array(random.integers(0, len(addresses), size))),
                "model": pa.array(["small-1", "large-1"]).take(pa.array(random.integers(0, 2, size))),
                "endpoint": pa.array(["/v1/messages", "/v1/batch"]).take(pa.array(random.integers(0, 2, size))),
                "n": random.integers(1, 4, size),
                "input_tokens": tokens[0],
                "output_tokens": tokens[1],
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def load(folder: Path, columns: list[str] | tuple[str, ...]) -> int:
    """Reads and validates all requests; returns the number of good rows."""
    good = 0
    with Validator() as validator:
        for part in open_folder(folder).tables["requests"]:
            for raw in batches(part, columns):
                good += validator.check(raw).num_rows
    return good


def floor(path: Path, columns: list[str]) -> int:
    """Decodes the same columns and does nothing with them."""
    return sum(batch.num_rows for batch in pq.ParquetFile(path).iter_batches(1_000_000, columns=columns))


def measure(title: str, rows: int, run: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{title:52} {wall:7.2f} {cpu:7.2f} {rows / wall / 1e6:9.2f} {rows / cpu / 1e6:13.2f}", flush=True)


if __name__ == "__main__":
    main()
