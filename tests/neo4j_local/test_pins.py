from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from linkage.stores.neo4j.local.pins import (
    FOLDERS,
    GDS_VERSION,
    NEO4J_VERSION,
    Pin,
    digest,
    is_intact,
    parse_pins,
    read_pins,
)

ZEROS = "0" * 64


def test_every_line_of_the_shipped_file_is_read_back_as_it_is() -> None:
    text = Path("linkage/stores/neo4j/local/pins.txt").resolve()
    lines = [line for line in text.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert [pin.line() for pin in read_pins()] == lines


def test_plugins_come_first_on_the_class_path() -> None:
    folders = [pin.folder for pin in read_pins()]
    assert folders == sorted(folders, key=FOLDERS.index)
    assert set(folders) == set(FOLDERS)


def test_no_artifact_is_there_twice() -> None:
    pins = read_pins()
    keys = {(pin.group, pin.artifact, pin.classifier) for pin in pins}
    assert len(keys) == len(pins)
    assert len({pin.name for pin in pins}) == len(pins)
    versions = {(pin.group, pin.artifact, pin.version) for pin in pins}
    assert len({key[:2] for key in versions}) == len(versions)


def test_server_algorithms_and_browser_are_among_them() -> None:
    held = {f"{pin.group}:{pin.artifact}:{pin.version}" for pin in read_pins()}
    assert f"org.neo4j.app:neo4j-server:{NEO4J_VERSION}" in held
    assert f"org.neo4j.gds:proc:{GDS_VERSION}" in held
    assert any(name.startswith("org.neo4j.client:neo4j-browser:") for name in held)


def test_no_host_name_is_shipped() -> None:
    assert not [pin for pin in read_pins() if "/" in pin.line()]


def test_a_classifier_is_part_of_the_name_and_the_path() -> None:
    (pin,) = parse_pins(f"# a comment\n\nlib a.b:c:1.0:linux {ZEROS}\n")
    assert pin == Pin("lib", "a.b", "c", "1.0", "linux", ZEROS)
    assert pin.path == Path("lib/c-1.0-linux.jar")
    assert pin.repository_path == Path("a/b/c/1.0/c-1.0-linux.jar")


@pytest.mark.parametrize("line", [f"elsewhere a:b:1 {ZEROS}", "lib a:b:1 abc"])
def test_a_line_that_cannot_be_right_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="b "):
        parse_pins(line)


def test_any_change_of_a_pin_changes_the_digest() -> None:
    pins = read_pins()
    changed = (Pin(**{**{f: getattr(pins[0], f) for f in Pin.__slots__}, "sha256": ZEROS}), *pins[1:])
    assert digest(pins) == digest(read_pins())
    assert digest(changed) != digest(pins)


def test_a_jar_is_intact_only_byte_for_byte(tmp_path: Path) -> None:
    pin = Pin("lib", "g", "a", "1", "", hashlib.sha256(b"content").hexdigest())
    jar = tmp_path / pin.name
    assert not is_intact(jar, pin)
    jar.write_bytes(b"conten")
    assert not is_intact(jar, pin)
    jar.write_bytes(b"content")
    assert is_intact(jar, pin)
