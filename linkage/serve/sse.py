"""Server-sent events: the distinct-connections mode of the GraphQL over SSE protocol.

A request that accepts `text/event-stream` is answered with `next` events, each one reply, and a `complete` at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from starlette.responses import StreamingResponse

from linkage.serve.execution import Reply

EVENT_STREAM = "text/event-stream"
ALIVE_S = 12.0
"""A comment is sent this often, so that proxies keep the connection and a client that is gone is noticed."""


def respond(found: AsyncIterator[Reply]) -> StreamingResponse:
    """Returns the response that sends each reply as it comes."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(found), media_type=EVENT_STREAM, headers=headers)


async def _lines(found: AsyncIterator[Reply]) -> AsyncIterator[bytes]:
    yield b":\n\n"
    waiting: asyncio.Task[Reply] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(found))
            done, _ = await asyncio.wait({waiting}, timeout=ALIVE_S)
            if not done:
                yield b":\n\n"
                continue
            try:
                reply = waiting.result()
            except StopAsyncIteration:
                break
            waiting = None
            yield b"event: next\ndata: " + orjson.dumps(reply.payload) + b"\n\n"
        yield b"event: complete\ndata:\n\n"
    finally:
        if waiting is not None:
            waiting.cancel()
