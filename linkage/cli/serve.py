"""`linkage serve`: the GraphQL API over the store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from linkage.cli.context import Context

if TYPE_CHECKING:
    from linkage.model.rings import Evidence
    from linkage.settings import Settings
    from linkage.stores.base import Store


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.pass_obj
def serve_command(context: Context, host: str, port: int) -> None:
    """Serve the GraphQL API at /graphql, with /health/live, /health/ready and /metrics.

    Without LINKAGE_API_KEY it listens on this machine only. It ends on Ctrl-C or SIGTERM.
    """
    from linkage.serve.app import create_app
    from linkage.serve.server import listen, serve, url_of
    from linkage.serve.settings import ServeSettings, check_address

    settings = context.settings
    check_address(host, settings.api_key)
    app = create_app(context.site().open, partial(explain, settings), ServeSettings(api_key=settings.api_key))
    with listen(host, port) as listening:
        url = url_of(listening)
        answered = serve(app, listening, on_ready=partial(_announce, context, url))
    context.finish({"command": "serve", "url": url, "requests": answered})


def explain(settings: Settings, store: Store, pairs: Sequence[tuple[str, str]]) -> list[Evidence | None]:
    """Returns why each pair is linked, None where one of the two is unknown; one read of the store for all."""
    from linkage.jobs.explain import explainer

    known = store.accounts(sorted({account for pair in pairs for account in pair}))
    found = explainer(store, sorted(known), settings)
    return [found.evidence(a, b) if a in known and b in known else None for a, b in pairs]


def _announce(context: Context, url: str) -> None:
    who = (
        "for holders of LINKAGE_API_KEY"
        if context.settings.api_key
        else "without authentication, so for this machine only"
    )
    context.progress.say(f"GraphQL at {url}/graphql, {who}; Ctrl-C ends it")
