"""`python -m linkage.serve.probe URL`: ends with 0 if the address answers 200, else 1.

A container's health check, where there is no curl.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 4.0


def answers(url: str) -> bool:
    """Returns whether an http address answers a GET with 200 in time."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
