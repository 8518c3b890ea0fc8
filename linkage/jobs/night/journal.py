"""The journal of a night: which of its steps are finished, and on what, so that a night that died goes on there.

One JSON file beside the working file, replaced as a whole and synced to the disk with every step. It is there while a
night is under way, and gone once it is finished.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linkage.model.reports import StepReport

_VERSION = 1


class Journal:
    """The journal at `path`; a step is finished on its inputs, and on others it is not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state: dict[str, Any] = _read(path)  # JSON

    @property
    def folder(self) -> str:
        """Returns the fingerprint of the facts of the night under way, '' if there is none."""
        return str(self._state.get("folder", ""))

    @property
    def began(self) -> datetime:
        """Returns when the night under way began, whenever it was resumed."""
        return datetime.fromisoformat(self._state["began"])

    def begin(self, folder: str, load_before: int) -> None:
        """Opens the journal of a night, after the load with this number; one of the same facts is gone on with."""
        if self.folder == folder:
            return
        self._state = {
            "version": _VERSION,
            "folder": folder,
            "began": datetime.now(UTC).isoformat(),
            "notes": {"load_before": load_before},
            "steps": {},
        }
        self._write()

    def note(self, name: str, value: Any) -> None:
        """Keeps a value of JSON for the night."""
        if self._state["notes"].get(name) != value:
            self._state["notes"][name] = value
            self._write()

    def noted(self, name: str, default: Any = None) -> Any:
        """Returns a value that was kept."""
        return self._state.get("notes", {}).get(name, default)

    def done(self, step: str, inputs: str) -> StepReport | None:
        """Returns the report of a step if it is finished on these inputs."""
        entry = self._state["steps"].get(step)
        return StepReport(**entry["report"]) if entry and entry["inputs"] == inputs else None

    def finished(self, step: str) -> bool:
        """Returns whether the step is finished, on whatever inputs."""
        return step in self._state.get("steps", {})

    def forget(self, step: str) -> None:
        """Makes a step unfinished whose result is gone."""
        if self._state["steps"].pop(step, None) is not None:
            self._write()

    def mark(self, step: str, inputs: str, report: StepReport) -> None:
        """Notes that a step is finished; it is on the disk when this returns."""
        fields = {name: getattr(report, name) for name in report.__dataclass_fields__}
        self._state["steps"][step] = {"inputs": inputs, "report": fields}
        self._write()

    def close(self) -> None:
        """Ends the night."""
        self._state = {}
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        replace(self.path, json.dumps(self._state).encode())


def replace(path: Path, content: bytes) -> None:
    """Puts a file in place as a whole: whoever reads sees the old one or this one, also after a power cut."""
    aside = path.with_name(f".{path.name}.next")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state if state.get("version") == _VERSION else {}
