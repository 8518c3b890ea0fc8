"""Account linkage for providers of AI APIs: rings of fake accounts, with the reason for each link in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage.version import __version__

if TYPE_CHECKING:
    from linkage.client import Notebook

__all__ = ["__version__", "open"]


def open(url: str = "duckdb:linkage.duckdb", key: str = "") -> Notebook:  # noqa: A001 - read as linkage.open
    """Returns the tables, explanations and pictures of a running service, or of a store, for notebooks.

    `url`: the service's, such as http://127.0.0.1:8000, or a store URL, over which a service of its own is started that
    ends with the notebook. `key`: an API key or token. ApiError where no service answers.
    """
    from linkage.client.notebook import open_notebook

    return open_notebook(url, key)
