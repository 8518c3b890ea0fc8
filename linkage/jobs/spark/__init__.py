"""The columns on Spark: what one machine has no memory for is done in parts, by the loops that work on one machine.

The working file stays with the driver, as the one truth. Each step writes what it needs of it as Parquet files into a
folder that all machines share, has Spark group and join them, and takes back what is far smaller.
"""

from linkage.jobs.spark.communities import pieces_on_spark
from linkage.jobs.spark.pairs import project_on_spark

__all__ = ["pieces_on_spark", "project_on_spark"]
