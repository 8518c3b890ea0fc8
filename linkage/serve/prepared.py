"""A request that may run: its document and operation, and for how long its reply stays right."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode, OperationDefinitionNode, OperationType

from linkage.serve.parsing import Document

MOVING = frozenset({"export", "assess"})
"""Root fields whose replies are not kept: what is asked for again until it changes, and what has a person's data in its
arguments."""
LASTING = frozenset(
    {
        "account",
        "accounts",
        "campaigns",
        "identifier",
        "operators",
        "ring",
        "ringCounts",
        "ringOf",
        "rings",
        "whyLinked",
    }
)
"""Root fields whose replies stand in the store alone: they stay right, whatever the time, until it is changed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that may run: its document and operation, and what it is expected to cost."""

    document: Document
    operation: OperationDefinitionNode
    cost: int

    @property
    def title(self) -> str:
        """Returns the operation's kind and name."""
        name = self.operation.name
        return f"{self.operation.operation.value} {name.value if name else ''}".strip()

    @property
    def roots(self) -> tuple[str, ...]:
        """Returns the root fields that the operation names itself, each once."""
        selected = self.operation.selection_set.selections
        return tuple(dict.fromkeys(node.name.value for node in selected if hasattr(node, "name")))

    @property
    def keeps(self) -> bool:
        """Returns whether the reply may be given again at all."""
        named = any(name[:2] != "__" for name in self.roots)
        return named and self.operation.operation is OperationType.QUERY and MOVING.isdisjoint(self.roots)

    @property
    def lasting(self) -> bool:
        """Returns whether the reply stays right until the store is changed."""
        return LASTING.issuperset(
            node.name.value if isinstance(node, FieldNode) else "" for node in self.operation.selection_set.selections
        )
