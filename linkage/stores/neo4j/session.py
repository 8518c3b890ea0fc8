"""Talking to one Neo4j database: one driver, named database, reads that commit by themselves, short retries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable

from linkage.errors import SettingsError
from linkage.queries import Query, load
from linkage.stores.deadline import seconds_left
from linkage.stores.neo4j.faults import mapped
from linkage.stores.neo4j.seqlock import Seqlock, is_of_runs

T = TypeVar("T")
Row = dict[str, Any]  # values come from the server, typed by each query's reader
RETRY_SECONDS = 20.0
CONNECT_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.25
"""Before a read is tried again for the first time; each later pause is twice as long."""
LIVENESS_SECONDS = 30.0
"""A connection that was idle for longer is tried before it is used: the server may have been started again."""
FETCH_ROWS = 10_000
DATABASE = "neo4j"
SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


def checked(url: str) -> str:
    """Returns the URL; SettingsError unless it is an address of Bolt, without credentials."""
    parts = urlsplit(url)
    if parts.username:
        raise SettingsError("give the store's credentials as LINKAGE_USER and LINKAGE_PASSWORD, not in its URL")
    try:
        named = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        named = False
    if not named:
        raise SettingsError(f"«{url}» is no address of a Neo4j server, such as neo4j://host:7687")
    return url


class Work:
    """One transaction in which several queries run."""

    def __init__(self, transaction: neo4j.ManagedTransaction) -> None:
        self._transaction = transaction

    def run(self, query: str, **params: Any) -> list[Row]:
        """Returns the rows of the query named `folder/verb_object`."""
        return self._transaction.run(load(query).statement, params).data()


class Session:
    """A connection to one database of a server; used from several threads at once.

    `patience` are the seconds for which it waits for a connection, and tries again what the server gave up.
    """

    def __init__(
        self, url: str, user: str, password: str, database: str = DATABASE, patience: float = RETRY_SECONDS
    ) -> None:
        self.url = checked(url)
        self._patience = patience
        self._credentials = (user, password) if user or password else None
        self._database = database
        self._closed = False
        self._driver = self._open()
        self._seqlock = Seqlock(self._seqlock_state)

    def _seqlock_state(self) -> tuple[int, int]:
        found = self._execute(load("serve/find_seqlock"), "r", {})[0]
        return (found[0]["state"], found[0]["age"]) if found else (0, 0)

    def lock_reads(self) -> int:
        """Has reads of what runs publish wait for `unlock_reads`; returns the state of the lock."""
        while True:
            state, _ = self._seqlock_state()
            held = state + 1 + state % 2
            if self.write("publish/set_seqlock", before=state, state=held):
                return held

    def unlock_reads(self, held: int) -> None:
        """Has reads of what runs publish go on, unless another publication holds the lock by now."""
        if held:
            self.write("publish/set_seqlock", before=held, state=held + 1)

    def _open(self) -> neo4j.Driver:
        with mapped("connecting", self.url):
            return neo4j.GraphDatabase.driver(
                self.url,
                auth=self._credentials,
                user_agent="linkage",
                connection_timeout=min(CONNECT_SECONDS, self._patience),
                connection_acquisition_timeout=self._patience,
                max_transaction_retry_time=self._patience,
                liveness_check_timeout=LIVENESS_SECONDS,
                # an empty store knows none of the names in a query; that is no reason to warn
                notifications_disabled_classifications=[neo4j.NotificationDisabledClassification.UNRECOGNIZED],
            )

    def close(self) -> None:
        """Gives back all connections; what still waits for one of them is told that the store is away."""
        self._closed = True
        self._driver.close()

    def reconnect(self) -> None:
        """Connects anew, to a server that was started again."""
        self.close()
        self._driver = self._open()
        self._closed = False
        self.ping()

    def ping(self) -> None:
        """Raises StoreUnavailable unless the server answers, SettingsError if it refuses the credentials."""
        with mapped("connecting", self.url):
            self._driver.verify_connectivity()

    def read(self, query: str, **params: Any) -> list[Row]:
        """Returns the rows of the query named `folder/verb_object`, from any server that can read."""
        return self.marked(query, **params)[0]

    def marked(self, query: str, **params: Any) -> tuple[list[Row], str]:
        """Returns the rows of a query that reads, and the bookmark of the last change that they may show."""
        found = load(query)
        if not is_of_runs(query):
            return self._execute(found, "r", params)
        return self._seqlock.whole(lambda: self._execute(found, "r", params))

    def write(self, query: str, **params: Any) -> list[Row]:
        """Returns the rows of the query named `folder/verb_object`, run in a transaction that may write."""
        return self._execute(load(query), "w", params)[0]

    def _execute(self, query: Query, routing: str, params: Row) -> tuple[list[Row], str]:
        """Returns rows, and of a read the bookmark.

        A read commits by itself, in one exchange where a managed transaction takes three; what can be tried again is,
        as the driver does it for those.
        """
        with mapped(query.name, self.url):
            if routing == "w":
                return self._write(query, params), ""
            pauses = _pauses(self._patience)
            while True:
                try:
                    return self._read(query, params)
                except (Neo4jError, DriverError) as error:
                    pause = next(pauses, None) if error.is_retryable() and not self._closed else None
                    if pause is None:
                        raise
                    time.sleep(pause)

    def _read(self, query: Query, params: Row) -> tuple[list[Row], str]:
        driver = self._open_driver(self._driver)
        timed = neo4j.Query(query.statement, timeout=seconds_left())
        manager = driver.execute_query_bookmark_manager  # a read sees what was written before it, also on a cluster
        with driver.session(
            database=self._database, default_access_mode=neo4j.READ_ACCESS, bookmark_manager=manager
        ) as session:
            found = _rows(session.run(timed, params))
            return found, " ".join(sorted(session.last_bookmarks().raw_values))

    def _write(self, query: Query, params: Row) -> list[Row]:
        driver = self._driver

        @neo4j.unit_of_work(timeout=seconds_left())
        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            self._open_driver(driver)
            return _rows(transaction.run(query.statement, params))

        manager = driver.execute_query_bookmark_manager
        with driver.session(database=self._database, bookmark_manager=manager) as session:
            return session.execute_write(work)

    def _open_driver(self, driver: neo4j.Driver) -> neo4j.Driver:
        """Returns the driver unless it was closed: a closed one goes on trying, on connections of its own."""
        if driver is not self._driver or self._closed:
            raise ServiceUnavailable("closed while it was waited for")
        return driver

    def columns(self, query: str, batch: int, **params: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Yields rows as tuples in batches, as they come, from one transaction that only reads."""
        found = load(query)
        with (
            mapped(found.name, self.url),
            self._driver.session(database=self._database, default_access_mode="READ", fetch_size=FETCH_ROWS) as session,
            session.begin_transaction(timeout=seconds_left()) as transaction,
        ):
            result = transaction.run(found.statement, params)
            while rows := [tuple(record.values()) for record in result.fetch(batch)]:
                seconds_left()
                yield rows

    def work(self, name: str, task: Callable[[Work], T]) -> T:
        """Returns what the task returns; it runs in one transaction, whole or not at all, again on a conflict."""
        with mapped(name, self.url), self._driver.session(database=self._database) as session:
            return session.execute_write(lambda transaction: task(Work(transaction)))


def _rows(result: neo4j.Result) -> list[Row]:
    names = result.keys()
    found = [dict(zip(names, tuple.__iter__(record), strict=True)) for record in result]
    seconds_left()  # the server looks at its clocks every other second only; what comes late is not kept
    return found


def _pauses(patience: float) -> Iterator[float]:
    """Yields the seconds to wait before each further try, until `patience` seconds have passed since the first one."""
    give_up = time.monotonic() + patience
    pause = FIRST_PAUSE_SECONDS
    while time.monotonic() <= give_up:
        yield pause * random.uniform(0.8, 1.2)  # noqa: S311 - so that not all that were waiting try at once
        pause *= 2
