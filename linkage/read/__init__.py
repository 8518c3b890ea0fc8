"""Reads folders of facts in every format, in batches, without checking the values."""

from linkage.read.batches import batches
from linkage.read.folder import FactsFolder, open_folder
from linkage.read.part import Format, Part
from linkage.read.storage import Stamp, is_url, local_path, send, shown

__all__ = ["FactsFolder", "Format", "Part", "Stamp", "batches", "is_url", "local_path", "open_folder", "send", "shown"]
