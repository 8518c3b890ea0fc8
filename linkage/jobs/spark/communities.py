"""Communities on Spark: components as data frames, and Leiden inside each, by the function that one machine uses."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.detect import pieces as cutting
from linkage.jobs.site import Site
from linkage.jobs.spark.exchange import ROWS, read_files, write_files
from linkage.jobs.spark.session import Cluster, cluster
from linkage.model.columns import LinkColumns
from linkage.model.weights import BEHAVIOUR_GRADE

if TYPE_CHECKING:
    import pandas as pd


def pieces_on_spark(site: Site, links: LinkColumns, most: int = cutting.MOST_LINKS) -> dict[int, int]:
    """Returns the piece of each account with a link of grade `behaviour`, by its least one (see `detect.pieces`)."""
    rows = np.flatnonzero(links.grade == BEHAVIOUR_GRADE)
    if len(rows) == 0:
        return {}
    with cluster(site) as spark:
        site.progress.say("cutting components on Spark")
        write_files(_edges(links, rows), spark.path("edges"))
        spark.spread(len(rows))
        named = _cut(spark, spark.read("edges"), most)
        spark.keep(named, "pieces")
        found = read_files(spark.path("pieces"))
    return dict(zip(found.column("node").to_pylist(), found.column("piece").to_pylist(), strict=True))


def _edges(links: LinkColumns, rows: Any) -> Any:
    for begin in range(0, len(rows), ROWS):
        some = links.take(rows[begin : begin + ROWS])
        yield pa.table({"a": some.a, "b": some.b, "bits": some.bits})


def _cut(spark: Cluster, edges: Any, most: int) -> Any:
    """Returns node and piece of every node."""
    from pyspark.sql import functions as f

    nodes = _nodes(edges)
    edges, component = _held_together(spark, edges, most)
    component = nodes.join(component, "node", "left").select("node", f.coalesce("component", "node").alias("component"))
    large = component.groupBy("component").count().where(f.col("count") >= cutting.LARGE).select("component")
    inside = _named(edges, component).join(large, "component")
    total, links = inside.agg(f.sum("bits"), f.count("*")).first()
    if not links:
        return component.withColumnRenamed("component", "piece")
    parts = spark.spread(links)

    def cut(rows: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        a, b, bits, one = (rows[name].to_numpy(np.int32) for name in ("a", "b", "bits", "component"))
        node, piece = cutting.pieces(a, b, bits, one, total)
        return pd.DataFrame({"node": node, "piece": piece})

    made = inside.groupBy(f.pmod(f.hash("component"), f.lit(parts))).applyInPandas(cut, "node int, piece int")
    small = component.join(large, "component", "left_anti").select("node", f.col("component").alias("piece"))
    return made.union(small)


def _nodes(edges: Any) -> Any:
    return edges.select(edges.a.alias("node")).union(edges.select("b")).distinct()


def _named(edges: Any, component: Any) -> Any:
    """Returns the edges with the component of their first ends."""
    return edges.join(component.withColumnRenamed("node", "a"), "a")


def _held_together(spark: Cluster, edges: Any, most: int) -> tuple[Any, Any]:
    """Returns the links that are not set aside, and the component of each of their nodes, as `detect.pieces` does."""
    from pyspark.sql import functions as f

    for level in count():
        component = _components(spark, edges, level)
        named = _named(edges, component)
        over = named.groupBy("component").agg(f.count("*").alias("links"), f.min("bits").alias("least"))
        over = over.where(f.col("links") > most).select("component", "least")
        if over.isEmpty():
            return edges, component
        weak = named.join(f.broadcast(over), "component").where(f.col("bits") < f.col("least") + cutting.STEP)
        edges = spark.keep(edges.join(weak.select("a", "b"), ["a", "b"], "left_anti"), f"edges-{level}")
    raise AssertionError("levels have no end")


def _components(spark: Cluster, edges: Any, level: int) -> Any:
    """Returns node and component, by its least node: large star and small star by turns (Kiveris et al. 2014)."""
    from pyspark.sql import functions as f

    found, before = edges.select("a", "b"), None
    for turn in count():
        found = spark.keep(_small_star(_large_star(found)), f"stars-{level}-{turn}")
        now = found.agg(f.count("*"), f.sum(f.xxhash64("a", "b").cast("decimal(38,0)"))).first()
        if now == before:
            break
        before = now
    leaves = found.select(found.b.alias("node"), found.a.alias("component"))
    roots = found.select(found.a.alias("node"), found.a.alias("component"))
    return leaves.union(roots).distinct()


def _large_star(edges: Any) -> Any:
    """Hangs every larger neighbour of a node on the least of its neighbours and itself."""
    from pyspark.sql import functions as f

    both = edges.select(edges.a.alias("u"), edges.b.alias("v")).union(edges.select("b", "a"))
    least = both.groupBy("u").agg(f.least(f.min("v"), f.col("u")).alias("least"))
    return both.join(least, "u").where("v > u").select(f.col("least").alias("a"), f.col("v").alias("b")).distinct()


def _small_star(edges: Any) -> Any:
    """Hangs a node and its smaller neighbours on the least of these."""
    from pyspark.sql import functions as f

    least = edges.groupBy("b").agg(f.min("a").alias("least"))
    smaller = edges.join(least, "b").where("a <> least").select(f.col("least").alias("x"), f.col("a").alias("y"))
    return smaller.union(least.select("least", "b")).distinct().select(f.col("x").alias("a"), f.col("y").alias("b"))
