"""Replies one after another: of a subscription, over a WebSocket or as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from graphql import OperationType

from linkage.serve.execution import Executor, Reply, Request, refused
from linkage.serve.loaders import Loaders


async def replies(executor: Executor, request: Request, loaders: Loaders) -> AsyncGenerator[Reply, None]:
    """Yields a reply for each event of a subscription, and one for anything else, or for a refusal."""
    try:
        prepared = executor.prepare(request)
    except Exception as error:  # the edge of the service: whatever it is becomes a masked fault
        yield refused(error)
        return
    if prepared.operation.operation is not OperationType.SUBSCRIPTION:
        yield await executor.run(request, loaders)
        return
    try:
        executor.admit(prepared, loaders.principal)
        source = await executor.subscribe(prepared, request, loaders)
    except Exception as error:
        yield refused(error)
        return
    try:
        async for event in source:
            yield await executor.event(event, prepared, request, loaders.renewed())
    except Exception as error:
        yield refused(error)
    finally:
        await source.aclose()
