"""What people may know of a store of files and of its errors: neither holds a secret.

No message of a library is passed on: it may hold the address with its user, password or signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from linkage.errors import InputError
from linkage.read.storage import RemoteError

MISSING = "it is not there"
"""What a RemoteError says of a file or folder that is not there."""

_DENIED = "access is denied: look at the credentials, and at what they may do"
_NOBODY = "no credentials were found: give them as the library of the store wants them (for S3, AWS_… variables)"
_AWAY = "its store cannot be reached: look at the network and the endpoint"
_REASONS: tuple[tuple[str, str], ...] = (
    (r"ImportError", "a library that it needs is not installed"),
    (r"Credential|ProfileNotFound|TokenRetrieval|SSOToken|UnauthorizedSSO", _NOBODY),
    (r"FileNotFoundError|NoSuch|NotFound", MISSING),
    (r"PermissionError|Forbidden|Unauthorized|ClientAuthentication", _DENIED),
    (r"ParamValidation|^ValueError", "its library does not understand the address"),
    (r"Connect|Timeout|TimedOut|Endpoint|ServiceRequest|gaierror|SSLError|Proxy", _AWAY),
)
"""What an error says by the name of its kind: the trees of the libraries have no root in common."""


def hidden(url: str) -> str:
    """Returns a URL without users, passwords, signatures and other parameters, for people and for the disk."""
    plain = (re.split(r"[?#]", _anonymous(link))[0] for link in url.split("::"))
    return "::".join(re.sub(r"(?<=[^/])/+$", "", link) if link.count("/") > 2 else link for link in plain)


def _anonymous(link: str) -> str:
    if re.match(r"(abfss?|wasbs?)://[^/:@]*@", link):  # a container, and an account as a host
        return link
    return re.sub(r"(?<=://)([^/]*:.*|[^/]*)@", "", link)


@contextmanager
def told() -> Iterator[None]:
    """Makes every error of a library a RemoteError, which says what people may know of it."""
    try:
        yield
    except (RemoteError, InputError, MemoryError):
        raise
    except Exception as error:
        raise RemoteError(getattr(error, "errno", None) or 5, _reason(error)) from error


def _reason(error: BaseException) -> str:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    names = [" ".join(kind.__name__ for kind in type(one).__mro__) for one in links]
    for name in names:
        for pattern, reason in _REASONS:
            if re.search(pattern, name):
                return reason
    return type(error).__name__
