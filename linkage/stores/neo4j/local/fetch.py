"""Gets pinned jars into a folder: from the machine's Maven repository, from jgo's repositories, by Maven.

jgo and Maven know where Maven Central is and honour the machine's settings (mirrors, proxies, offline).
Neither resolves anything here: each is given the exact list, and what arrives counts only if its checksum
is the pinned one. Measured for all 364 jars, 160 MB, with nothing cached, on two busy cores: 4 s from jgo's
repositories with kept connections, 27 s by Maven, 55 s by jgo's own download.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import requests

from linkage.errors import LocalServerError
from linkage.progress import Progress
from linkage.stores.neo4j.local.pinning import project
from linkage.stores.neo4j.local.pins import Pin, is_intact

WORKERS = 8
"""Downloads at once, each over a connection that is kept."""

MAVEN_SECONDS = 900
TIMEOUT_SECONDS = 60
TRIES = 3

Source = Callable[[Sequence[Pin], Path, Progress], None]


def fetch(pins: Sequence[Pin], folder: Path, progress: Progress) -> None:
    """Puts every pinned jar into the folder, named by `Pin.name`.

    A jar that is already there and intact is kept, so an interrupted download goes on where it was.
    LocalServerError when a jar cannot be had from anywhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    failures = []
    for source in _sources():
        missing = _missing(pins, folder)
        if not missing:
            return
        try:
            source(missing, folder, progress)
        except LocalServerError as error:
            failures.append(str(error))
    missing = _missing(pins, folder)
    if missing:
        raise LocalServerError(_complaint(pins, missing, failures))


def _sources() -> Iterator[Source]:
    yield from_repository
    maven = [from_maven] if shutil.which("mvn") else []
    if (Path.home() / ".m2" / "settings.xml").exists():
        yield from maven  # somebody has told Maven of a mirror or a proxy: the direct way may not be wanted
        yield from_jgo
    else:
        yield from_jgo
        yield from maven


def _missing(pins: Sequence[Pin], folder: Path) -> list[Pin]:
    with ThreadPoolExecutor(WORKERS) as pool:
        intact = pool.map(lambda pin: is_intact(folder / pin.name, pin), pins)
        return [pin for pin, is_there in zip(pins, intact, strict=True) if not is_there]


def _complaint(pins: Sequence[Pin], missing: Sequence[Pin], failures: Sequence[str]) -> str:
    reasons = "; ".join(failures) or "what arrived is not what is pinned (wrong checksum)"
    return (
        f"{len(missing)} of {len(pins)} jars cannot be fetched, {missing[0].name} first: {reasons}. "
        "They come from Maven Central: check the network, or the mirror and proxy settings of Maven "
        "(settings.xml) or jgo (jgo.conf), and run it again; what is here already is kept"
    )


def from_repository(pins: Sequence[Pin], folder: Path, progress: Progress) -> None:  # noqa: ARG001 - a Source
    """Copies the jars that the machine's Maven repository holds already."""
    from jgo.config import GlobalSettings

    repository = Path(GlobalSettings.load().repo_cache)
    for pin in pins:
        held = repository / pin.repository_path
        if is_intact(held, pin):
            shutil.copyfile(held, folder / pin.name)


def from_maven(pins: Sequence[Pin], folder: Path, progress: Progress) -> None:
    """Lets Maven download the jars; LocalServerError with Maven's first complaint if it fails.

    A Maven that ends without a complaint was killed or could not start: it is run again, `TRIES` times in all.
    """
    progress.say(f"downloading {len(pins)} jars with Maven")
    coordinates = tuple(":".join(filter(None, (p.group, p.artifact, p.version, p.classifier))) for p in pins)
    with tempfile.TemporaryDirectory() as work:
        Path(work, "pom.xml").write_text(project(coordinates, "*:*"), encoding="utf-8")
        for attempt in range(TRIES):
            time.sleep(attempt)
            done = _maven(f"-DoutputDirectory={folder.resolve()}", work)
            complaint = _first_complaint(done.stdout + done.stderr)
            if done.returncode == 0 or complaint:
                break
    if done.returncode != 0:
        last = (done.stdout + done.stderr).replace("\x1b[0m", "").strip().splitlines()[-2:]
        raise LocalServerError(f"Maven: {complaint or ' '.join(last)[:300]} (exit status {done.returncode})")


def _maven(option: str, work: str) -> subprocess.CompletedProcess[str]:
    command = ["mvn", "-B", "-q", "dependency:copy-dependencies", option, "-DoverWriteReleases=true"]
    try:
        return subprocess.run(  # noqa: S603 - fixed command, the folder is ours
            command, cwd=work, capture_output=True, text=True, timeout=MAVEN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalServerError(f"Maven: {error}") from error


def _first_complaint(output: str) -> str:
    for line in output.splitlines():
        if "ERROR" in line:
            return line.split("ERROR", 1)[1].lstrip("] \x1b[0m;1:")[:300]
    return ""


def from_jgo(pins: Sequence[Pin], folder: Path, progress: Progress) -> None:
    """Downloads the jars from the repositories that jgo knows, several at once.

    jgo's own download opens two fresh connections for each jar (55 s for all of them); here each worker keeps one.
    LocalServerError for the first jar that no repository gives.
    """
    progress.say(f"downloading {len(pins)} jars from the repositories of jgo")
    repositories = _jgo_repositories()
    pool = ThreadPoolExecutor(WORKERS)
    try:
        with requests.Session() as session, progress.bar("jars") as advance:
            downloads = [pool.submit(_download, session, repositories, pin, folder) for pin in pins]
            for done, download in enumerate(as_completed(downloads), start=1):
                download.result()
                advance(done, len(downloads))
    finally:
        pool.shutdown(cancel_futures=True)


def _jgo_repositories() -> list[str]:
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    known: dict[str, str] = MavenContext().remote_repos | GlobalSettings.load().repositories
    return list(known.values())


def _download(session: requests.Session, repositories: Sequence[str], pin: Pin, folder: Path) -> None:
    failure = "no repository is known"
    for attempt in range(TRIES):
        for repository in repositories:
            try:
                return _get(session, f"{repository.rstrip('/')}/{pin.repository_path.as_posix()}", pin, folder)
            except (requests.RequestException, OSError) as error:
                failure = str(error)
        time.sleep(attempt)
    raise LocalServerError(f"{pin.name}: {failure}")


def _get(session: requests.Session, url: str, pin: Pin, folder: Path) -> None:
    part = folder / f"{pin.name}.part"
    with session.get(url, stream=True, timeout=TIMEOUT_SECONDS) as answer:
        answer.raise_for_status()
        with part.open("wb") as jar:
            for chunk in answer.iter_content(1 << 18):
                jar.write(chunk)
    if not is_intact(part, pin):
        part.unlink()
        raise OSError("what arrived is not the pinned jar (wrong checksum)")
    part.replace(folder / pin.name)
