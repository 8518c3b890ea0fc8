"""The working file: the tables on which the columns work, and the whole of the embedded store."""

from linkage.working.file import ATTACHED, BEFORE, WorkingFile
from linkage.working.schema import SCHEMA_VERSION

__all__ = ["ATTACHED", "BEFORE", "SCHEMA_VERSION", "WorkingFile"]
