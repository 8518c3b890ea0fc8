"""`linkage serve`: the GraphQL API over the store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from linkage.cli.context import Context
from linkage.keys import load_or_create_key
from linkage.settings import Settings

if TYPE_CHECKING:
    from socket import socket

    from linkage.jobs.attach import Attachment
    from linkage.jobs.site import Site
    from linkage.model.rings import Evidence
    from linkage.serve.acts import Acts
    from linkage.serve.settings import ServeSettings
    from linkage.stores.base import Store

PATIENCE_S = 4.0
"""How long a request waits for a server: less than its deadline, so that it can say what is wrong."""


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.pass_obj
def serve_command(context: Context, host: str, port: int, workers: int) -> None:
    """Serve the GraphQL API at /graphql, with /health/live, /health/ready and /metrics.

    While no key is asked for it listens on this machine only: make one with `linkage api-keys make`, set
    LINKAGE_API_KEY, or set LINKAGE_JWT_JWKS and its like. It ends on Ctrl-C or SIGTERM.
    """
    from linkage.serve.server import listen, serve, url_of
    from linkage.serve.settings import check_address

    app = application(context.site())
    asks = not app.state.service.door.open
    check_address(host, asks=asks)
    with listen(host, port) as listening:
        url = url_of(listening)
        on_ready = partial(_announce, context, url, asks=asks)
        if workers == 1:
            answered = serve(app, listening, on_ready)
        else:
            app.state.service.check()
            answered = _serve_in(context.settings, workers, listening, on_ready)
    context.finish({"command": "serve", "url": url, "requests": answered})


def _serve_in(settings: Settings, workers: int, listening: socket, on_ready: Callable[[], None]) -> int:
    """Serves in processes of their own, which find the store in the environment."""
    from linkage.serve.metrics import SHARED
    from linkage.serve.server import serve_in

    with TemporaryDirectory(prefix="linkage-serve-") as folder:
        os.environ |= {"LINKAGE_STORE": settings.store, SHARED: folder}
        return serve_in(workers, "linkage.cli.serve:worker", listening, on_ready)


def worker() -> Any:  # the web stack is imported in serve alone
    """Returns the API of one of several processes, over the store that the environment names."""
    from linkage.jobs.site import Site
    from linkage.serve.server import settle

    app = application(Site(Settings.from_environment()))
    settle()
    return app


def application(site: Site) -> Any:  # the web stack is imported in serve alone
    """Returns the API over a site's store."""
    from linkage.serve.app import create_app

    return create_app(partial(site.open, PATIENCE_S), partial(explain, site.settings), serve_settings(site), acts(site))


def acts(site: Site) -> Acts:
    """Returns the jobs that the API may have done to a site's store."""
    from linkage.jobs.background import notes, start_detect
    from linkage.jobs.cases import cases
    from linkage.jobs.decisions import decide, revoke
    from linkage.jobs.export import export
    from linkage.jobs.unmask import unmask
    from linkage.serve.acts import Acts

    return Acts(
        decide=lambda store, wanted: decide(
            store,
            wanted.ruling,
            accounts=wanted.accounts,
            ring_id=wanted.ring_id,
            author=wanted.author,
            reason=wanted.reason,
            expires=wanted.expires,
            decision_id=wanted.decision_id,
        ),
        revoke=revoke,
        start_run=partial(start_detect, site),
        assess=partial(_assess, site),
        cases=cases(site.settings),
        export=lambda folder, form, names: export(site, folder, form, names),
        notes=partial(notes, site),
        unmask=partial(unmask, site),
    )


def serve_settings(site: Site) -> ServeSettings:
    """Returns how the API of a site runs: who may ask, where it logs, and which documents it knows."""
    from linkage.serve.access.tokens import TokenSettings
    from linkage.serve.settings import Limits, ServeSettings
    from linkage.serve.tracing import Tracing, exporting

    given = site.settings
    site.working.path.parent.mkdir(parents=True, exist_ok=True)  # a host that only serves has loaded nothing
    tokens = None
    if given.jwt_jwks or given.jwt_issuer or given.jwt_audience:
        tokens = TokenSettings(
            jwks=given.jwt_jwks,
            issuer=given.jwt_issuer,
            audience=given.jwt_audience,
            algorithms=tuple(given.jwt_algorithms.split()),
            role_claim=given.jwt_role,
        )
    return ServeSettings(
        api_key=given.api_key,
        keys=keys_path(site),
        tokens=tokens,
        audit=Path(given.audit) if given.audit else site.working.beside(".audit.jsonl"),
        exports=site.working.beside(".exports"),
        signing=load_or_create_key(site.working.beside(".signing")).encode(),
        documents=Path(given.documents) if given.documents else None,
        documents_only=bool(given.documents_only),
        hide_schema=bool(given.hide_schema),
        tracing=exporting() if given.traces else Tracing(),
        keep_s=given.keep_seconds,
        limits=Limits.parsed(given.limits),
    )


def keys_path(site: Site) -> Path:
    """Returns the path of the site's file of API keys."""
    return Path(site.settings.api_keys) if site.settings.api_keys else site.working.beside(".api-keys")


def _assess(site: Site, store: Store, facts: Mapping[str, Any]) -> Attachment:
    """Returns what the account of these facts would link to."""
    from linkage.jobs.attach import Attacher

    with Attacher(site, store) as attacher:
        return attacher.attach(facts)


def explain(settings: Settings, store: Store, pairs: Sequence[tuple[str, str]]) -> list[Evidence | None]:
    """Returns why each pair is linked, None where one of the two is unknown; one read of the store for all."""
    from linkage.jobs.explain import explainer

    known = store.accounts(sorted({account for pair in pairs for account in pair}))
    found = explainer(store, sorted(known), settings)
    return [found.evidence(a, b) if a in known and b in known else None for a, b in pairs]


def _announce(context: Context, url: str, *, asks: bool) -> None:
    who = "for holders of a key" if asks else "without authentication, so for this machine only"
    context.progress.say(f"GraphQL at {url}/graphql, {who}; Ctrl-C ends it")
