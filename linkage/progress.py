"""Progress and messages: for people as lines and bars, for machines as JSON lines; on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

FORMS = ("text", "json")


class Advance(Protocol):
    """Moves a bar on."""

    def __call__(self, done: float, total: float | None = None) -> None:
        """Says that `done` of `total` units are finished."""


class Progress:
    """Tells what is going on; silent with `quiet`, plain lines where there is no terminal.

    With the form `json` every message is one JSON object a line, with `at` (UTC), `level`, `message` and the fields
    of what it is about; there are no bars.
    """

    def __init__(self, *, quiet: bool = False, form: str = "text") -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty() and form == "text"
        self.logger = _json_logger() if form == "json" else None

    def say(self, text: str, **fields: Any) -> None:
        """Writes one message, unless quiet; the fields are for machines alone."""
        if self._quiet:
            return
        if self.logger is not None:
            self.logger.info(text, **fields)
        else:
            print(text, file=sys.stderr, flush=True)

    def warn(self, text: str, **fields: Any) -> None:
        """Writes what a person should look at, unless quiet."""
        if self.logger is None:
            self.say(f"warning: {text}")
        elif not self._quiet:
            self.logger.warning(text, **fields)

    def bind(self, **fields: Any) -> None:
        """Adds fields to every later message for machines."""
        if self.logger is not None:
            self.logger = self.logger.bind(**fields)

    @contextmanager
    def bar(self, title: str) -> Iterator[Advance]:
        """Yields a function that moves a bar; on anything but a terminal it shows nothing."""
        if self._quiet or not self._terminal:
            yield _nothing
            return
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=None)

            def advance(done: float, total: float | None = None) -> None:
                bar.update(task, completed=done, total=total)

            yield advance


def _json_logger() -> Any:  # structlog types its wrapped loggers as Any
    import structlog

    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
    logger = structlog.WriteLogger(sys.stderr)
    return structlog.wrap_logger(logger, processors=processors, wrapper_class=structlog.BoundLogger)


def _nothing(done: float, total: float | None = None) -> None:  # noqa: ARG001 - same face as a bar's
    return None
