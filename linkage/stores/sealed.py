"""The port's part for clear values, which a store holds only sealed and only where an operator opts in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from linkage.errors import UnsupportedOperation

if TYPE_CHECKING:
    import pyarrow as pa


class SealedValues:
    """Keeping sealed values beside identifiers: bytes that the store cannot read.

    Both calls raise UnsupportedOperation unless the store declares SEALED_VALUES: an adapter without them is whole, and
    a load that is to keep values says so before it reads any.
    """

    def keep_sealed(self, values: Iterable[pa.Table]) -> None:
        """Keeps sealed values, given by key and value (binary), in place of earlier ones; those of identifiers that
        the store does not hold are passed over."""
        raise UnsupportedOperation(f"this store keeps no values ({type(values).__name__})")

    def sealed(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Returns the sealed values of those of the identifiers that have one, by key."""
        raise UnsupportedOperation(f"this store keeps no values (of {len(keys)} identifiers)")
