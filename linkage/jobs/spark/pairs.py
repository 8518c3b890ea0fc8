"""Links on Spark: who meets at each thing, what pairs share over all things, and which of them are links.

Things are dealt out in parts, and each part says who meets at it. What two accounts share is added up over the parts;
of an account's candidates those with most are kept. Then accounts are dealt out: each part is given the candidates of
its accounts and the lists of all in them, and weighs them. Nothing is held but a part by each task.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from linkage.jobs.site import Site
from linkage.jobs.spark.exchange import account_lists, meeting_places, read_files, write_files
from linkage.jobs.spark.session import Cluster, cluster
from linkage.link.apart import Weighed, meetings_at, weigh_pairs
from linkage.link.rule import Rule
from linkage.model.columns import LinkColumns
from linkage.model.kinds import FACETS
from linkage.model.weights import CANDIDATES
from linkage.working.incidence import Incidence

ACCOUNTS = 16_384
"""Accounts of a part."""

_FACETS = [facet.value for facet in FACETS]
_MET = "a int, b int, telling int"
_NAMES = ["a", "b", "bits", *_FACETS, "grade", "first", "last"]
_LINKS = ", ".join(f"{name} int" for name in _NAMES)


def project_on_spark(site: Site, incidence: Incidence, rule: Rule) -> Weighed:
    """Returns what `project` and `shared_minutes` return, by (a, b)."""
    with cluster(site) as spark:
        site.progress.say("giving columns to Spark")
        rows = write_files(meeting_places(incidence, rule), spark.path("meeting"))
        if rows == 0:
            return _columns(pa.schema([(name, pa.int32()) for name in _NAMES]).empty_table())
        write_files(account_lists(incidence), spark.path("accounts"))
        site.progress.say("linking accounts on Spark")
        pairs = _candidates(spark, rows, rule)
        _weigh(spark, pairs, len(incidence.thing), incidence.accounts, rule)
        return _columns(read_files(spark.path("links")))


def _candidates(spark: Cluster, rows: int, rule: Rule) -> Any:
    """Returns the pairs that are weighed, with the place of each among those of one `a`."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    def meet(rows: pa.Table) -> pa.Table:
        return _meet(rows, rule)

    parts = spark.spread(rows)
    met = spark.read("meeting").groupBy((f.col("thing") % parts).alias("part")).applyInArrow(meet, _MET)
    shared = met.groupBy("a", "b").agg(f.sum("telling").alias("telling")).where(f.col("telling") >= rule.based)
    most = Window.partitionBy("a").orderBy(f.desc("telling"), "b")
    return shared.withColumn("place", f.row_number().over(most)).where(f.col("place") <= CANDIDATES)


def _weigh(spark: Cluster, pairs: Any, rows: int, accounts: int, rule: Rule) -> None:
    """Writes the links among the pairs as `links`."""
    from pyspark.sql import functions as f

    def weigh(pairs: pa.Table, known: pa.Table) -> pa.Table:
        return _links(pairs, known, rule)

    size = max(1, min(ACCOUNTS, accounts // (2 * spark.width)))
    spark.spread(rows)
    pairs = pairs.withColumn("part", f.floor(f.col("a") / size).cast("int"))
    pairs.write.parquet(spark.uri("pairs"))  # read twice, made once
    # two reads, since Spark cannot group a frame together with one made of it
    pairs, again = (spark.read("pairs") for _ in range(2))
    lists = spark.read("accounts")
    ends = [again.select("part", f.col(name).alias("account")) for name in ("a", "b")]
    known = ends[0].union(ends[1]).distinct().join(lists, "account")
    links = pairs.groupBy("part").cogroup(known.groupBy("part")).applyInArrow(weigh, _LINKS)
    links.write.parquet(spark.uri("links"))


def _meet(rows: pa.Table, rule: Rule) -> pa.Table:
    a, b, telling = meetings_at(_unsigned(rows), rule)
    return pa.table({"a": a, "b": b, "telling": telling})


def _links(pairs: pa.Table, known: pa.Table, rule: Rule) -> pa.Table:
    pairs, known = pairs.sort_by([("a", "ascending"), ("place", "ascending")]), known.sort_by("account")
    columns = {name: known.column(name).combine_chunks() for name in known.column_names}
    lists = pa.table({name: columns[name].flatten() for name in ("thing", "kind", "millibits", "block", "days")})
    bounds = {name: _bounds(columns[name]) for name in ("starts", "thing")}
    flat = _unsigned(lists) | {name: columns[name].flatten().to_numpy() for name in ("breadth", "starts")}
    given = {name: pairs.column(name).to_numpy() for name in ("a", "b", "telling")}
    found = weigh_pairs(given, columns["account"].to_numpy(), flat, bounds, rule)
    links = found.links
    made = {"a": links.a, "b": links.b, "bits": links.bits}
    made |= {name: np.ascontiguousarray(links.facets[:, number]) for number, name in enumerate(_FACETS)}
    made |= {"grade": links.grade.astype(np.int32), "first": found.first, "last": found.last}
    return pa.table(made)


def _unsigned(rows: pa.Table) -> dict[str, np.ndarray]:
    """Returns columns with masks of days as they were."""
    found = {name: rows.column(name).to_numpy() for name in rows.column_names if name != "part"}
    return found | {"days": found["days"].view(np.uint64)}


def _bounds(lists: Any) -> np.ndarray:
    lengths = lists.value_lengths().to_numpy(zero_copy_only=False)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)))


def _columns(table: pa.Table) -> Weighed:
    columns = {name: table.column(name).to_numpy() for name in _NAMES}
    order = np.lexsort((columns["b"], columns["a"]))
    columns = {name: values[order] for name, values in columns.items()}
    facets = np.stack([columns[name] for name in _FACETS], axis=1)
    links = LinkColumns(columns["a"], columns["b"], columns["bits"], facets, columns["grade"].astype(np.uint8))
    return Weighed(links, columns["first"], columns["last"])
