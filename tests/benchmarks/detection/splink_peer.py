"""Links accounts with Splink, in an environment of its own: python splink_peer.py FACTS OUT WEIGHT [WEIGHT …]

Records are accounts with what a record linkage is given: payment instruments, devices, phones, mail addresses and
their domain, BINs, the address most used, rare addresses by day, TLS fingerprint, country and week of sign-up.
Blocking is on rare values, parameters are estimated without truth, clusters are cut at each match weight (bits); OUT
is a table of account_id, weight and cluster_id.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

RARE = 20
"""Values that more accounts share block nothing."""

_RECORDS = """
WITH
ips AS (SELECT account_id, ip, count(*) AS n FROM requests WHERE ip IS NOT NULL GROUP BY ALL),
top_ip AS (SELECT account_id, arg_max(ip, (n, ip)) AS top_ip FROM ips GROUP BY account_id),
visits AS (SELECT DISTINCT account_id, ip || ' ' || CAST("at" AS DATE) AS visit FROM requests WHERE ip IS NOT NULL),
rare AS (SELECT visit FROM visits GROUP BY visit HAVING count(*) BETWEEN 2 AND {rare}),
met AS (SELECT account_id, list(visit) AS visits FROM visits JOIN rare USING (visit) GROUP BY account_id),
paid AS (SELECT account_id, list(DISTINCT payment_id) AS payments, min(bin) AS bin FROM payments GROUP BY account_id),
owned AS (SELECT account_id, min(value) FILTER (kind = 'device') AS device, min(value) FILTER (kind = 'phone') AS phone,
    min(value) FILTER (kind = 'email') AS email, min(value) FILTER (kind = 'tls') AS tls
    FROM identifiers GROUP BY account_id)
SELECT account_id AS unique_id, payments, payments[1] AS payment, bin, device, phone, email, tls, top_ip, visits,
    email_domain, country, strftime(created_at, '%Y-%W') AS week
FROM accounts LEFT JOIN paid USING (account_id) LEFT JOIN owned USING (account_id) LEFT JOIN top_ip USING (account_id)
    LEFT JOIN met USING (account_id)
"""


def main(facts: Path, out: Path, weights: list[float]) -> None:
    """Writes the clusters at each match weight."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    for table in ("accounts", "requests", "payments", "identifiers"):
        con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{facts / table}.parquet')")
    con.execute("CREATE TABLE records AS " + _RECORDS.format(rare=RARE))
    linker = Linker(DuckDBAPI(con).register("records"), _settings(), log_level=None)
    _train(linker)
    pairs = linker.inference.predict(threshold_match_weight=min(weights))
    parts = []
    for weight in weights:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_weight=weight)
        name = clusters.physical_name
        parts.append(f"SELECT unique_id AS account_id, {weight!r}::DOUBLE AS weight, cluster_id FROM {name}")
    con.execute(f"COPY ({' UNION ALL '.join(parts)}) TO '{out}' (FORMAT parquet)")


def _settings() -> SettingsCreator:
    exact = [
        cl.ExactMatch(name).configure(term_frequency_adjustments=True)
        for name in ("bin", "device", "phone", "email", "tls", "email_domain", "top_ip", "country", "week")
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ArrayIntersectAtSizes("payments", [1]),
            cl.ArrayIntersectAtSizes("visits", [10, 3, 1]),
            *exact,
        ],
        blocking_rules_to_generate_predictions=[
            *_rare(),
            block_on("bin", "week"),
            block_on("tls", "email_domain", "week"),
        ],
        max_iterations=20,
    )


def _rare() -> list[object]:
    """Returns blocking on values of which strangers have few in common."""
    exploded = block_on("visits", arrays_to_explode=["visits"])
    return [block_on("payment"), block_on("device"), block_on("phone"), block_on("email"), exploded]


def _train(linker: Linker) -> None:
    """Estimates the parameters: u by sampling, m by expectation maximisation over two blockings."""
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("payment", "device")], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for rule in (block_on("payment"), block_on("device"), block_on("top_ip", "country")):
        training.estimate_parameters_using_expectation_maximisation(rule)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [float(text) for text in sys.argv[3:]])
