"""Checks the rows that were read: good rows come out typed, bad ones are counted and set aside with a reason."""

from linkage.validate.rejects import RejectFile
from linkage.validate.validator import Validator

__all__ = ["RejectFile", "Validator"]
