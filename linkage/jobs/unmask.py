"""The clear value of an identifier, where an operator had values kept."""

from __future__ import annotations

from linkage.errors import NotFound
from linkage.jobs.site import Site
from linkage.sealing import PURPOSE, Seal
from linkage.stores.base import Store


def unmask(site: Site, store: Store, key: str) -> str:
    """Returns the value behind a keyed hash.

    NotFound: values are not kept here, the identifier is unknown, or its value was not kept. Whoever calls this says
    who asked and why: see `serve.roots.unmasking`.
    """
    if not site.settings.keep_values:
        raise NotFound("no values are kept here: LINKAGE_KEEP_VALUES is not set")
    found = store.sealed([key])
    if key not in found:
        raise NotFound("no value of this identifier is kept: it is a prompt, unknown, or was loaded before values were")
    return Seal(site.keyring().derive(PURPOSE)).open(key, found[key])
