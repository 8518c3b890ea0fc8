"""A night that is killed at any moment and run again leaves what an undisturbed one leaves; readers see whole runs."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from linkage.jobs.night import nightly
from linkage.jobs.site import Site
from linkage.settings import Settings
from linkage.stores.base import Store
from linkage.stores.duckdb import DuckDBStore

from .conftest import KEY, site_at
from .lived import copy, last, state

KILLS = int(os.environ.get("LINKAGE_TEST_KILLS", "4"))
SERVER_KILLS = int(os.environ.get("LINKAGE_TEST_SERVER_KILLS", "1" if "CI" in os.environ else "0"))


def begun(site: Site, facts: Path) -> subprocess.Popen[str]:
    settings = site.settings
    environ = os.environ | {"LINKAGE_KEY": KEY, "LINKAGE_LISTS": settings.lists, "LINKAGE_NEO4J_MEMORY": "1500MB"}
    environ |= {"LINKAGE_HOME": settings.home} if settings.home else {}
    command = [sys.executable, "-m", "linkage", "--quiet", "--store", settings.store, "nightly", str(facts)]
    return subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)


def seconds(site: Site, facts: Path) -> float:
    began = time.perf_counter()
    with begun(site, facts) as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    return time.perf_counter() - began


class Reader(threading.Thread):
    """Polls a store and keeps every answer that is not one of the whole ones."""

    def __init__(self, store: Store, whole: dict[str, Any]) -> None:
        super().__init__()
        self.store, self.whole = store, whole
        self.strange: list[Any] = []
        self.polled = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Reads until it is told to end."""
        while not self.done.wait(0.02):
            seen = {"members": self.store.all_members(), "rings": self.store.rings(10_000)}
            for name, found in seen.items():
                if found not in self.whole[name]:
                    self.strange.append((name, len(found)))
            self.polled += 1


@contextmanager
def polled(store: Store, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Reader]:
    reader = Reader(store, {name: (before[name], after[name]) for name in ("members", "rings")})
    reader.start()
    try:
        yield reader
    finally:
        reader.done.set()
        reader.join()
    assert reader.polled > 3
    assert reader.strange == []


def test_killed_at_random_it_ends_as_if_undisturbed(lived: Site, nights: Path, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = copy(lived, tmp_path / "whole")
    before = state(whole)
    lasts = seconds(whole, last(nights))
    after = state(whole)
    assert after != before
    chance = random.Random(KILLS)
    for turn in range(KILLS):
        folder = tmp_path / f"killed-{turn}"
        folder.mkdir()
        site = copy(lived, folder)
        with DuckDBStore(site.working) as store, polled(store, before, after):
            for _ in range(1 + turn % 3):
                with begun(site, last(nights)) as process:
                    time.sleep(lasts * chance.random())
                    process.kill()
            seconds(site, last(nights))
        assert state(site) == after
        (keyed,) = folder.glob("*.keyed-*")
        left = {path.name.removeprefix("linkage.duckdb") for path in folder.iterdir() if path != keyed}
        assert left - {".seen"} == {"", ".lock", ".nights", ".told"}
        made = sorted(path.name for path in site.working.beside(".nights").glob("*"))
        assert made == ["changes", "linkage.prom", "report.html"]
        shutil.rmtree(folder)


def test_stopped_and_gone_on_it_notices_that_the_lock_is_still_its_own(
    lived: Site, nights: Path, tmp_path: Path
) -> None:
    site = copy(lived, tmp_path)
    with begun(site, last(nights)) as one:
        while not site.working.beside(".night").exists() and one.poll() is None:
            time.sleep(0.005)
        one.send_signal(signal.SIGSTOP)
        with begun(site, last(nights)) as two:
            _, err = two.communicate()
        assert (two.returncode, "lock" in err) == (4, True)
        one.send_signal(signal.SIGCONT)
        one.communicate()
    assert one.returncode == 0


@pytest.mark.neo4j
@pytest.mark.skipif(not SERVER_KILLS, reason="two servers and some minutes: CI=1 runs it, and bench_killed.py")
def test_a_server_killed_under_it_is_a_clear_error_and_the_rerun_ends_as_if_undisturbed(
    nights: Path, tmp_path: Path
) -> None:
    from linkage.stores.neo4j.local import LocalServer

    def own(name: str) -> Site:
        settings = Settings.from_environment(
            store="neo4j:local", home=str(tmp_path / name), key=KEY, lists=str(nights / "lists"), neo4j_memory="1500MB"
        )
        return Site(settings)

    first, second = nights / "nights" / "001", nights / "nights" / "002"
    whole, killed = own("whole"), own("killed")
    servers = [LocalServer(site.settings) for site in (whole, killed)]
    try:
        nightly(whole, first)
        before = state(whole)
        lasts = seconds(whole, second)
        after = state(whole)
        servers[0].stop()
        nightly(killed, first)
        chance = random.Random(3)
        for _ in range(SERVER_KILLS):
            with begun(killed, second) as process:
                time.sleep(lasts * (0.3 + 0.6 * chance.random()))
                info = servers[1].status()
                assert info is not None
                os.kill(info.pid, signal.SIGKILL)
                _, err = process.communicate(timeout=120)
            assert process.returncode in (0, 1, 5), err
            assert "Traceback" not in err
        with killed.open() as store, polled(store, before, after):
            seconds(killed, second)
        assert state(killed) == after
    finally:
        for server in servers:
            server.stop()


def test_a_store_that_is_gone_is_5(nights: Path, tmp_path: Path) -> None:
    site = Site(Settings(store="bolt://127.0.0.1:1", key=KEY, home=str(tmp_path), user="neo4j", password="x" * 8))
    with begun(site, last(nights)) as process:
        _, err = process.communicate()
    assert (process.returncode, "127.0.0.1:1" in err) == (5, True)


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv = ["linkage", *sys.argv[2:]]
from linkage.cli import main
main()
"""


def limited(site: Site, facts: Path, size: int) -> subprocess.CompletedProcess[str]:
    """Returns what becomes of a night that can write no file beyond so many bytes."""
    words = ["--quiet", "--store", site.settings.store, "nightly", str(facts)]
    environ = os.environ | {"LINKAGE_KEY": KEY, "LINKAGE_LISTS": site.settings.lists}
    command = [sys.executable, "-c", _LIMITED, str(size), *words]
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


@pytest.mark.parametrize("size", [10, 50_000, 300_000, 6_000_000, 9_000_000])
def test_a_full_disk_on_the_first_night_is_1_and_leaves_nothing_half(nights: Path, tmp_path: Path, size: int) -> None:
    site = site_at(tmp_path, nights / "lists")
    done = limited(site, nights / "nights" / "001", size)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("linkage: "), done.stderr
    assert "Traceback" not in done.stderr
    assert not site.working.exists
    assert not site.working.beside(".next").exists()


def test_a_full_disk_later_loses_nothing(lived: Site, nights: Path, tmp_path: Path) -> None:
    site = copy(lived, tmp_path)
    before = state(site)
    done = limited(site, last(nights), site.working.path.stat().st_size // 2)
    assert (done.returncode, "Traceback" in done.stderr, "cannot be written" in done.stderr) == (1, False, True)
    assert state(site) == before
    seconds(site, last(nights))
    (tmp_path / "whole").mkdir()
    whole = copy(lived, tmp_path / "whole")
    nightly(whole, last(nights))
    assert state(site) == state(whole)
