from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from linkage.errors import LocalServerError
from linkage.progress import Progress
from linkage.settings import Settings
from linkage.stores.neo4j.local.fetch import TRIES, fetch, from_maven
from linkage.stores.neo4j.local.install import install, require_room
from linkage.stores.neo4j.local.pins import Pin, is_intact, read_pins

QUIET = Progress(quiet=True)
SOME = sorted(read_pins(), key=lambda pin: pin.artifact == "neo4j-browser")[:12]


class Repository:
    """A Maven repository on this machine, and a machine that knows no other one."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.asked: list[str] = []


@pytest.fixture(scope="module")
def real() -> Path:
    """Returns the folder of the real jars; asked for first, while the machine still knows where to have them from."""
    return install(Settings.from_environment().cache_folder(), QUIET).folder


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns an empty local Maven repository of a machine without Maven or network."""
    (tmp_path / "m2").mkdir()
    config = tmp_path / "jgo.conf"
    config.write_text("[repositories]\ncentral = http://127.0.0.1:9/\n", encoding="utf-8")
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "m2"


@pytest.fixture
def repository(real: Path, nowhere: Path, tmp_path: Path) -> Iterator[Repository]:
    """Yields a repository on 127.0.0.1 with some of the real jars; jgo is told to use it."""
    shelf = tmp_path / "shelf"
    fill(shelf, SOME, real)
    served = Repository(shelf, 0)

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(shelf))) as server:
        served.port = server.server_address[1]
        config = f"[repositories]\ncentral = http://127.0.0.1:{served.port}/\n"
        (tmp_path / "jgo.conf").write_text(config, encoding="utf-8")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def fill(repository: Path, pins: list[Pin], real: Path) -> None:
    for pin in pins:
        (repository / pin.repository_path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real / pin.path, repository / pin.repository_path)


def all_intact(folder: Path) -> bool:
    return all(is_intact(folder / pin.path, pin) for pin in SOME)


def test_jars_are_downloaded_checked_and_kept(repository: Repository, tmp_path: Path) -> None:
    installation = install(tmp_path / "cache", QUIET, SOME)
    assert all_intact(installation.folder)
    assert len(repository.asked) == len(SOME)
    assert not (installation.folder / "arrivals").exists()
    assert install(tmp_path / "cache", QUIET, SOME) == installation
    assert len(repository.asked) == len(SOME)


def test_the_class_path_names_every_jar_plugins_first(repository: Repository, tmp_path: Path) -> None:
    installation = install(tmp_path / "cache", QUIET, SOME)
    assert installation.class_path.split(":") == [str(installation.folder / pin.path) for pin in SOME]


def test_a_damaged_jar_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    folder = install(tmp_path / "cache", QUIET, SOME).folder
    (folder / SOME[3].path).write_bytes(b"not a jar")
    (folder / SOME[4].path).unlink()
    repository.asked.clear()
    install(tmp_path / "cache", QUIET, SOME)
    assert all_intact(folder)
    assert len(repository.asked) == 2


def test_an_interrupted_download_goes_on(repository: Repository, tmp_path: Path) -> None:
    hidden = repository.folder / SOME[5].repository_path
    hidden.rename(tmp_path / "hidden")
    with pytest.raises(LocalServerError, match=SOME[5].name):
        install(tmp_path / "cache", QUIET, SOME)
    (tmp_path / "hidden").rename(hidden)
    arrived = {jar.name for jar in next((tmp_path / "cache").rglob("arrivals")).glob("*.jar")}
    repository.asked.clear()
    assert all_intact(install(tmp_path / "cache", QUIET, SOME).folder)
    assert len(repository.asked) == len(SOME) - len(arrived)


def test_a_jar_that_is_not_the_pinned_one_is_refused(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / SOME[0].repository_path).write_bytes(b"something else")
    with pytest.raises(LocalServerError, match="wrong checksum"):
        install(tmp_path / "cache", QUIET, SOME)
    assert not list((tmp_path / "cache").rglob(SOME[0].name))


def test_the_machines_maven_repository_is_enough(real: Path, nowhere: Path, tmp_path: Path) -> None:
    fill(nowhere, SOME, real)
    assert all_intact(install(tmp_path / "cache", QUIET, SOME).folder)


def test_a_damaged_jar_in_the_maven_repository_is_not_taken(real: Path, repository: Repository, tmp_path: Path) -> None:
    fill(tmp_path / "m2", SOME, real)
    (tmp_path / "m2" / SOME[2].repository_path).write_bytes(b"damaged")
    assert all_intact(install(tmp_path / "cache", QUIET, SOME).folder)
    assert [Path(path).name for path in repository.asked] == [SOME[2].name]


def test_no_network_is_said_with_what_to_do(nowhere: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"12 of 12 jars cannot be fetched.*check the network"):
        install(tmp_path / "cache", QUIET, SOME)


def test_two_installs_at_once_fetch_once(repository: Repository, tmp_path: Path) -> None:
    threads = [threading.Thread(target=install, args=(tmp_path / "cache", QUIET, SOME)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all_intact(install(tmp_path / "cache", QUIET, SOME).folder)
    assert len(repository.asked) == len(SOME)


def test_maven_that_cannot_reach_anything_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".m2").mkdir()
    offline = "<settings><offline>true</offline></settings>"
    (tmp_path / ".m2" / "settings.xml").write_text(offline, encoding="utf-8")
    monkeypatch.setenv("MAVEN_OPTS", f"-Duser.home={tmp_path}")
    with pytest.raises(LocalServerError, match="Maven: "):
        from_maven(SOME[:1], tmp_path, QUIET)


def a_maven(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "mvn").write_text(f"#!/bin/sh\necho x >> {folder}/runs\n{script}\n", encoding="utf-8")
    (folder / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setattr("linkage.stores.neo4j.local.fetch.time.sleep", lambda _: None)


def test_maven_that_was_killed_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_maven(tmp_path, monkeypatch, f"test $(wc -l < {tmp_path}/runs) -gt 2 || exit 137")
    from_maven(SOME[:1], tmp_path, QUIET)


def test_maven_that_is_always_killed_says_how_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_maven(tmp_path, monkeypatch, "echo no memory for the heap >&2; exit 137")
    with pytest.raises(LocalServerError, match=r"Maven: no memory for the heap \(exit status 137\)"):
        from_maven(SOME[:1], tmp_path, QUIET)
    assert len((tmp_path / "runs").read_text().splitlines()) == TRIES


def test_maven_that_says_why_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_maven(tmp_path, monkeypatch, "echo '[ERROR] no such jar'; exit 1")
    with pytest.raises(LocalServerError, match=r"Maven: no such jar \(exit status 1\)"):
        from_maven(SOME[:1], tmp_path, QUIET)
    assert len((tmp_path / "runs").read_text().splitlines()) == 1


def test_the_ways_that_are_here_end_with_the_same_jars(tmp_path: Path) -> None:
    chosen = SOME[:2]
    fetch(chosen, tmp_path / "any", QUIET)
    if shutil.which("mvn"):
        (tmp_path / "maven").mkdir()
        from_maven(chosen, tmp_path / "maven", QUIET)
    for folder in tmp_path.iterdir():
        assert all(is_intact(folder / pin.name, pin) for pin in chosen)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"MB free and the jars need .* LINKAGE_CACHE"):
        require_room(tmp_path, 1 << 60, "the jars")


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(LocalServerError, match="cannot be written"):
        install(tmp_path / "cache", QUIET, SOME)
