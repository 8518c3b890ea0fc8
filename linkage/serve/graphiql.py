"""The query editor for browsers, GraphiQL, with all that it loads from this service alone.

A page that shows evidence about accounts runs no script of a third party: the files are shipped with the
package (see static/vendor/README.md) and the page's policy forbids any other source.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

NO_SNIFF = {"X-Content-Type-Options": "nosniff"}
OWN = {"start.js": "text/javascript", "start.css": "text/css"}
VENDOR = {
    "graphiql.min.js": "text/javascript",
    "graphiql.min.css": "text/css",
    "react.production.min.js": "text/javascript",
    "react-dom.production.min.js": "text/javascript",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The editor sets style attributes, so inline style is allowed; inline script is not."""


def page() -> Response:
    """Returns the editor's page."""
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        **NO_SNIFF,
    }
    return Response(_read("graphiql.html"), media_type="text/html", headers=headers)


async def asset(request: Request) -> Response:
    """Returns one of the editor's files."""
    name = request.path_params["name"]
    headers = {
        "Cache-Control": "max-age=3600",
        "Vary": "Accept-Encoding",
        **NO_SNIFF,
    }
    if name in OWN:
        return Response(_read(name), media_type=OWN[name], headers=headers)
    if name not in VENDOR:
        raise HTTPException(404)
    packed = _read(f"vendor/{name}.gz")
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=VENDOR[name], headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), media_type=VENDOR[name], headers=headers)


@cache
def _read(name: str) -> bytes:
    return files("linkage.serve").joinpath("static", *name.split("/")).read_bytes()
