"""Shared things to links in bits, in columns (docs/model.md)."""

from linkage.link.explain import Explainer
from linkage.link.listing import listing
from linkage.link.run import link

__all__ = ["Explainer", "link", "listing"]
