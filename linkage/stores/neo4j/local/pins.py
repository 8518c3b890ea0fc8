"""The pinned jars: one line each in `pins.txt`, made by `pinning.py`, shipped with the package."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from linkage.errors import LocalServerError

NEO4J_VERSION = "2026.01.4"
GDS_VERSION = "2.26.0"

FOLDERS = ("plugins", "lib")
"""In class path order, as the official launcher has it: the plugins come first."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One jar: where it goes, its Maven coordinate and the SHA-256 of its content."""

    folder: str
    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    def __post_init__(self) -> None:
        if self.folder not in FOLDERS:
            raise ValueError(f"{self.artifact} is for the folder «{self.folder}»; it is one of {FOLDERS}")
        if len(self.sha256) != 64:
            raise ValueError(f"{self.artifact} has no SHA-256: «{self.sha256}»")

    @property
    def name(self) -> str:
        """Returns the file name that Maven gives to the jar."""
        ending = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{ending}.jar"

    @property
    def repository_path(self) -> Path:
        """Returns the jar's path inside a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, self.name)

    @property
    def path(self) -> Path:
        """Returns the jar's path inside the installation."""
        return Path(self.folder, self.name)

    def line(self) -> str:
        """Returns the pin as a line of the pin file."""
        parts = [self.group, self.artifact, self.version, *([self.classifier] if self.classifier else [])]
        return f"{self.folder} {':'.join(parts)} {self.sha256}"


def parse_pins(text: str) -> tuple[Pin, ...]:
    """Returns the pins of a pin file; empty lines and lines that begin with # are left out."""
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    pins = []
    for folder, coordinate, sha256 in rows:
        group, artifact, version, *classifier = coordinate.split(":")
        pins.append(Pin(folder, group, artifact, version, "".join(classifier), sha256))
    return tuple(pins)


def read_pins() -> tuple[Pin, ...]:
    """Returns the jars that this version of linkage installs, in class path order."""
    try:
        text = resources.files(__package__).joinpath("pins.txt").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LocalServerError("the list of jars is missing from this installation of linkage") from None
    return parse_pins(text)


def digest(pins: tuple[Pin, ...]) -> str:
    """Returns 12 hex digits that change with any pin; they name the folder of an installation."""
    return hashlib.sha256("\n".join(pin.line() for pin in pins).encode()).hexdigest()[:12]


def is_intact(path: Path, pin: Pin) -> bool:
    """Returns whether the file is there and is, byte for byte, the pinned jar."""
    try:
        with path.open("rb") as jar:
            return hashlib.file_digest(jar, "sha256").hexdigest() == pin.sha256
    except OSError:
        return False
