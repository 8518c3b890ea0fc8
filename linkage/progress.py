"""Progress and messages for people: on standard error, a bar only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Advance(Protocol):
    """Moves a bar on."""

    def __call__(self, done: float, total: float | None = None) -> None:
        """Says that `done` of `total` units are finished."""


class Progress:
    """Tells a person what is going on; silent with `quiet`, plain lines where there is no terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Writes one line to standard error, unless quiet."""
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)

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


def _nothing(done: float, total: float | None = None) -> None:  # noqa: ARG001 - same face as a bar's
    return None
