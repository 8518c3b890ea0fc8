"""What a client is told when something goes wrong: a code, a sentence, and never an internal detail.

Only faults raised on purpose show their message. Anything else is logged by its type and place, without
its text (a driver's message can hold values), and shown as INTERNAL_SERVER_ERROR with an id to look up.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from graphql import GraphQLError

from linkage.errors import DeadlinePassed, InputError, NotFound, StoreUnavailable, UnsupportedOperation

log = logging.getLogger("linkage.serve")


class Code(StrEnum):
    """Values of `extensions.code`."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class Fault(Exception):
    """A refusal with its code; `status` is the HTTP status where the request fails as a whole.

    `retry_after` are the seconds after which the same request may be answered.
    """

    def __init__(self, code: Code, message: str, *, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = 1 if retry_after is None and status == 503 else retry_after


def formatted(fault: Fault) -> dict[str, Any]:
    """Returns a fault as an entry of `errors`."""
    return {"message": fault.message, "extensions": {"code": fault.code.value}}


def from_errors(errors: Iterable[GraphQLError], default: Code = Code.BAD_USER_INPUT) -> list[dict[str, Any]]:
    """Returns GraphQL errors as entries of `errors`, internal ones masked.

    `default` is the code of errors that the GraphQL engine itself found in the request.
    """
    return [_entry(error, default) for error in errors]


def _entry(error: GraphQLError, default: Code) -> dict[str, Any]:
    fault = Fault(default, error.message) if _of_request(error) else translate(error.original_error or error)
    entry = formatted(fault)
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    return entry


def _of_request(error: GraphQLError) -> bool:
    """Returns whether the engine found the error in the request, and not in what a resolver returned."""
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return False
    return error.path is None or error.message.startswith("Argument ")  # the engine's only sign of it


def translate(error: BaseException) -> Fault:
    """Returns what a client may know of an error raised while its request was worked on."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, StoreUnavailable):
        return Fault(Code.UPSTREAM_UNAVAILABLE, "the store cannot be reached; try again later", status=503)
    if isinstance(error, (TimeoutError, DeadlinePassed)):
        return Fault(Code.TIMEOUT, "the request ran past its deadline; ask for less", status=504)
    if isinstance(error, (NotFound, InputError, UnsupportedOperation)):
        return Fault(Code.BAD_USER_INPUT, str(error))
    return _masked(error)


def _masked(error: BaseException) -> Fault:
    error_id = secrets.token_hex(8)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("error %s: %s at %s", error_id, type(error).__name__, places)
    return Fault(Code.INTERNAL_SERVER_ERROR, f"internal error {error_id}", status=500)
