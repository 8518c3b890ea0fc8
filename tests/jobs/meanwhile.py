"""Something that happens while facts are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from linkage.progress import Advance, Progress


class Meanwhile(Progress):
    """Does something while the facts are read."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__(quiet=True)
        self._deeds = [deed]

    @contextmanager
    def bar(self, title: str) -> Iterator[Advance]:  # noqa: ARG002 - same face
        """Yields what does the deed once the first rows were read."""

        def advance(done: float, total: float | None = None) -> None:
            if self._deeds:
                self._deeds.pop()()

        yield advance
