"""GraphQL over HTTP: JSON in by POST or in the address by GET, JSON out in the type that was asked for.

Follows the GraphQL over HTTP draft as its official audit suite has it: 400 for a request that did not
run where the client takes `application/graphql-response+json`, 200 with `errors` where it takes JSON only.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from linkage.serve.documents import PREFIX
from linkage.serve.execution import Reply, Request
from linkage.serve.faults import Code, Fault, formatted

RESPONSE_TYPE = "application/graphql-response+json"
JSON = "application/json"
WILDCARDS = ("*/*", "application/*")


def reply_type(accept: str | None) -> str:
    """Returns the media type to answer in; a Fault (406) if the client takes none of ours."""
    if not accept:
        return JSON
    ranked = sorted(_accepted(accept), key=lambda part: -part[1])
    for media_type, quality in ranked:
        if quality > 0 and media_type in (RESPONSE_TYPE, JSON, *WILDCARDS):
            return RESPONSE_TYPE if media_type == RESPONSE_TYPE else JSON
    raise Fault(Code.BAD_USER_INPUT, f"answers are {RESPONSE_TYPE} or {JSON}", status=406)


def wants_page(request: HttpRequest) -> bool:
    """Returns whether a browser navigates here, so that the query editor is the answer."""
    accept = _accepted(request.headers.get("accept", ""))
    return request.method == "GET" and any(kind == "text/html" and quality > 0 for kind, quality in accept)


def _accepted(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            found.append((media_type, float(quality)))
        except ValueError:
            found.append((media_type, 0.0))
    return found


async def read_request(request: HttpRequest, most_bytes: int) -> Request:
    """Returns what a client asks for; a Fault with its HTTP status if it cannot be read."""
    if request.method == "GET":
        given: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in given:
                given[name] = _json(given[name].encode(), name)
        return _request(given, read_only=True)
    _check_content_type(request.headers.get("content-type", ""))
    body = _json(await _body(request, most_bytes), "the body")
    if not isinstance(body, dict):
        raise Fault(Code.BAD_USER_INPUT, "the body must be one JSON object; batches are not taken")
    return _request(body, read_only=False)


def _check_content_type(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next((p[8:].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if media_type != JSON or charset not in ("utf-8", "utf8"):
        raise Fault(Code.BAD_USER_INPUT, f"POST takes {JSON} in UTF-8", status=415)


async def _body(request: HttpRequest, most: int) -> bytes:
    """Returns the body; gives up as soon as it is too long, whatever its declared length says."""
    too_long = Fault(Code.QUERY_TOO_EXPENSIVE, f"the body is longer than {most} bytes", status=413)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise too_long
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise too_long
    return bytes(body)


def _json(text: bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Fault(Code.BAD_USER_INPUT, f"{what} is not JSON") from None


def request_of(payload: object) -> Request:
    """Returns what a message over a WebSocket asks for."""
    if not isinstance(payload, dict):
        raise Fault(Code.BAD_USER_INPUT, "the payload must be one JSON object")
    return _request(payload, read_only=False)


def wants_stream(request: HttpRequest) -> bool:
    """Returns whether the client asks for server-sent events."""
    accept = _accepted(request.headers.get("accept", ""))
    return any(kind == "text/event-stream" and quality > 0 for kind, quality in accept)


def _request(given: dict[str, Any], *, read_only: bool) -> Request:
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    digest = _digest(given.get("documentId"), extensions)
    if not (isinstance(query, str) and query) and (query is not None or digest is None):
        raise Fault(Code.BAD_USER_INPUT, "query is missing; it must be text")
    if name is not None and not isinstance(name, str):
        raise Fault(Code.BAD_USER_INPUT, "operationName must be text")
    if variables is not None and not isinstance(variables, dict):
        raise Fault(Code.BAD_USER_INPUT, "variables must be a JSON object")
    if extensions is not None and not isinstance(extensions, dict):
        raise Fault(Code.BAD_USER_INPUT, "extensions must be a JSON object")
    return Request(query, variables or {}, name or None, read_only, digest)


def _digest(document_id: object, extensions: object) -> str | None:
    """Returns the digest by which the document is named: as the draft has it, or as Apollo's clients send it."""
    if document_id is None and isinstance(extensions, dict):
        persisted = extensions.get("persistedQuery")
        found = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        document_id = None if found is None else f"{PREFIX}{found}"
    if document_id is not None and not isinstance(document_id, str):
        raise Fault(Code.BAD_USER_INPUT, "documentId must be text, sha256: and 64 hexadecimal digits")
    return document_id


def respond(reply: Reply, media_type: str, *, known: str = "", tags: bool = False) -> Response:
    """Returns the HTTP response of a reply.

    `tags`: the request was a GET, which caches may keep and revalidate; `known` are the tags that the client has.
    """
    if tags and reply.etag and reply.etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers=_cached(reply.etag))
    lenient = media_type == JSON and not reply.started and reply.status == 400
    status = 200 if reply.started or lenient else reply.status
    headers = {"Cache-Control": "no-store"} | _later(reply.retry_after) | _tagged(reply, tags=tags)
    if status == 405:
        headers["Allow"] = "GET, POST"
    return Response(
        orjson.dumps(reply.payload),
        status,
        media_type=f"{media_type}; charset=utf-8",
        headers=headers,
    )


def refuse(fault: Fault, media_type: str = JSON) -> Response:
    """Returns the HTTP response of a request that was not read; its status stands in every media type."""
    headers = {"Cache-Control": "no-store"}
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    headers |= _later(fault.retry_after)
    return Response(
        orjson.dumps({"errors": [formatted(fault)]}),
        fault.status,
        media_type=f"{media_type}; charset=utf-8",
        headers=headers,
    )


def _tagged(reply: Reply, *, tags: bool) -> dict[str, str]:
    """Returns the headers that say which state of things a reply is of."""
    if reply.kept == "stale":
        return {"Warning": '110 - "the store is away; this is of the last good run"'}
    if not reply.etag:
        return {}
    return _cached(reply.etag) if tags else {"ETag": reply.etag}


def _cached(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}


def _later(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(seconds)}
