"""What was found, kept on disk until it is published: the costliest step need not be taken twice."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from linkage.jobs.finding import Found
from linkage.jobs.night.journal import replace

if TYPE_CHECKING:
    from cattrs.preconf.orjson import OrjsonConverter


def keep(path: Path, found: Found) -> None:
    """Writes what was found, in one piece, readable by its owner only; but for what can be read again."""
    replace(path, _converter().dumps(dataclasses.replace(found, rare=None)))


def kept(path: Path) -> Found:
    """Returns what was kept."""
    return _converter().loads(path.read_bytes(), Found)


def _converter() -> OrjsonConverter:
    from cattrs.preconf.orjson import make_converter

    converter = make_converter()
    converter.register_structure_hook(int | float | str, lambda value, _: value)
    return converter
