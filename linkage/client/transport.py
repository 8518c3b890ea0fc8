"""Sending documents: one session, what is refused for now is tried again, errors have their code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

ACCEPT = "application/graphql-response+json, application/json;q=0.9"
AGAIN = (429, 502, 503, 504)
LONGEST_WAIT_S = 60.0


class ApiError(Exception):
    """The API refused a request or part of it; `code` is one of docs/graphql.md, or HTTP with the status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Transport:
    """Posts documents to one address; used by one thread at a time."""

    def __init__(
        self, url: str, key: str, timeout_s: float, tries: int, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url
        self._shown = re.sub("(?<=//)[^/]*@", "", url.partition("?")[0])  # no password, no token
        self._timeout_s = timeout_s
        self._tries = tries
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers["Accept"] = ACCEPT
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def run(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the `data` of the answer; ApiError for errors in it, or after the last try."""
        answer = self._post({"query": document, "variables": dict(variables)})
        try:
            found = answer.json()
        except requests.JSONDecodeError:
            raise ApiError(f"HTTP {answer.status_code}", "the answer is not JSON; is this the address?") from None
        errors = found.get("errors")
        if errors:
            raise ApiError(errors[0].get("extensions", {}).get("code", "UNKNOWN"), errors[0]["message"])
        data: dict[str, Any] = found["data"]
        return data

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def _post(self, body: dict[str, Any]) -> requests.Response:
        for left in range(self._tries - 1, -1, -1):
            try:
                answer = self._session.post(self._url, json=body, timeout=self._timeout_s, allow_redirects=False)
            except (requests.ConnectionError, requests.Timeout) as error:
                if not left:
                    raise ApiError("UNREACHABLE", f"{self._shown} does not answer ({type(error).__name__})") from None
                self._sleep(1.0)
                continue
            except requests.RequestException as error:  # no second try makes an address of it
                raise ApiError("UNREACHABLE", f"{self._shown} cannot be asked ({type(error).__name__})") from None
            if answer.status_code not in AGAIN or not left:
                return answer
            self._sleep(_wait(answer))
        raise AssertionError("a last try returns or raises")


def _wait(answer: requests.Response) -> float:
    """Returns the seconds after which the API wants to be asked again."""
    try:
        return min(LONGEST_WAIT_S, float(answer.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0
