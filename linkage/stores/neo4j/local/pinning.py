"""Makes `pins.txt` anew: for maintainers, `python -m linkage.stores.neo4j.local.pinning`; needs Maven.

Maven resolves the server and the graph algorithms apart. The algorithms' jars go to `plugins`, with only
those of their third-party jars whose artifact the server does not bring itself: two versions of one
artifact on the class path end in an IllegalAccessError. The server's Arrow Flight stack (25 jars, 12 MB,
with parts of an older Netty) serves nothing in the open edition and is left out.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from linkage.stores.neo4j.local.pins import GDS_VERSION, NEO4J_VERSION, Pin

SERVER = (f"org.neo4j:neo4j:{NEO4J_VERSION}", f"org.neo4j.app:neo4j-server:{NEO4J_VERSION}")
BROWSER = ("org.neo4j.client:neo4j-browser:5.24.0",)
ALGORITHMS = (f"org.neo4j.gds:proc:{GDS_VERSION}", f"org.neo4j.gds:opengds-extension:{GDS_VERSION}")
EXCLUDED = "org.neo4j:arrow-bom"

_HEAD = """# The jars of the local Neo4j {neo4j} with graph algorithms {gds}: folder, coordinate, SHA-256.
# Made by `python -m linkage.stores.neo4j.local.pinning`; change the versions there and run it.
"""


def project(coordinates: tuple[str, ...], excluded: str) -> str:
    """Returns a Maven project that depends on the coordinates `group:artifact:version[:classifier]`."""
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>linkage</groupId><artifactId>jars</artifactId>"
        "<version>1</version><packaging>pom</packaging><dependencies>"
        + "".join(_dependency(coordinate, excluded) for coordinate in coordinates)
        + "</dependencies></project>"
    )


def _dependency(coordinate: str, excluded: str) -> str:
    group, artifact, version, *classifier = coordinate.split(":")
    excluded_group, excluded_artifact = excluded.split(":")
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version>"
        + "".join(f"<classifier>{name}</classifier>" for name in classifier)
        + f"<exclusions><exclusion><groupId>{excluded_group}</groupId>"
        f"<artifactId>{excluded_artifact}</artifactId></exclusion></exclusions></dependency>"
    )


def resolve(folder: str, coordinates: tuple[str, ...]) -> dict[str, Pin]:
    """Returns the runtime jars that the coordinates need, by group and artifact (and classifier)."""
    with tempfile.TemporaryDirectory() as work:
        Path(work, "pom.xml").write_text(project(coordinates, EXCLUDED), encoding="utf-8")
        goal = ["dependency:list", "-DincludeScope=runtime", "-DoutputFile=list.txt"]
        goal += ["-DoutputAbsoluteArtifactFilename=true"]
        subprocess.run(["mvn", "-B", "-q", *goal], cwd=work, check=True)  # noqa: S603, S607 - a maintainer's Maven
        lines = Path(work, "list.txt").read_text(encoding="utf-8").splitlines()
    pins = [_pin(folder, line.strip()) for line in lines if ":jar:" in line]
    return {f"{pin.group}:{pin.artifact}:{pin.classifier}": pin for pin in pins}


def _pin(folder: str, line: str) -> Pin:
    # «group:artifact:jar[:classifier]:version:scope:file[ -- module …]»
    group, artifact, _, *rest = line.partition(" -- module ")[0].split(":")
    classifier = rest[0] if len(rest) == 4 else ""
    version, _, file = rest[-3:]
    content = Path(file.strip()).read_bytes()
    return Pin(folder, group, artifact, version, classifier, hashlib.sha256(content).hexdigest())


def main() -> None:
    """Resolves all jars and writes the pin file beside this module."""
    server = resolve("lib", SERVER + BROWSER)
    algorithms = {key: pin for key, pin in resolve("plugins", ALGORITHMS).items() if key not in server}
    lines = [pin.line() for pins in (algorithms, server) for pin in sorted(pins.values(), key=Pin.line)]
    text = _HEAD.format(neo4j=NEO4J_VERSION, gds=GDS_VERSION) + "\n".join(lines) + "\n"
    Path(__file__).with_name("pins.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
