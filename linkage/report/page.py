"""Content to HTML. The page has one style sheet inside, no script, and a policy that lets it load nothing else."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from linkage.errors import StoreError
from linkage.report.content import MEMBERS, THINGS, Content
from linkage.report.picture import HEIGHT, WIDTH
from linkage.version import __version__

_TEMPLATES = "linkage.report", "templates"


def write_page(content: Content, path: Path) -> int:
    """Writes the page as a whole, readable by its owner only; returns its bytes."""
    page = render(content).encode()
    aside = path.with_name(f".{path.name}.next")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(page)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    return len(page)


def render(content: Content) -> str:
    """Returns the page."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(*_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"moment": _moment, "day": _day, "figure": _figure, "percent": _percent}
    style = files(_TEMPLATES[0]).joinpath(_TEMPLATES[1], "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        content=content,
        style=style,
        digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        made=datetime.now(UTC),
        version=__version__,
        shown=THINGS,
        members=MEMBERS,
        width=WIDTH,
        height=HEIGHT,
    )


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"


def _day(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}"


def _figure(value: Any) -> str:  # what a template has
    if value is None:
        return ""
    return f"{value:,.1f}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
