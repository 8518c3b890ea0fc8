"""Which role each field of the schema needs, and whether a document asks for more than its sender may read.

The check is made on the document, before anything runs: whatever way leads to a field, it must be selected on its
type, so one look at each selected field covers nodes, edges and lists alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from linkage.serve.access.roles import Rank
from linkage.serve.faults import Code, Fault

_V, _A, _O, _X = Rank

TYPES: dict[str, Rank] = (
    dict.fromkeys(
        (
            *("Query", "Node", "PageInfo", "Run", "RunSetting", "RunCount", "Stats"),
            *("Operator", "OperatorEdge", "OperatorConnection", "Campaign", "CampaignEdge", "CampaignConnection"),
            *("Count", "RingCount", "RingEventEdge", "RingEventConnection", "PastRing", "RingDiff", "RoleChange"),
            *("StayEdge", "StayConnection", "Subscription"),
            *("Account", "Ring", "RingEdge", "RingConnection", "RingEvent", "MemberEdge", "MemberConnection"),
        ),
        _V,
    )
    | dict.fromkeys(
        (
            *("Identifier", "IdentifierEdge", "IdentifierConnection", "Evidence", "FacetStep", "SharedThing"),
            *(
                "AccountEdge",
                "AccountConnection",
                "AccountCount",
                "EvidencePath",
                "NeighbourEdge",
                "NeighbourConnection",
            ),
            *("Decision", "DecisionPayload", "Mutation", "UserError"),
            *("WhatIf", "RingRemainder", "InnocentEdge", "EvasionCost"),
            *("MemberCase", "RingCase", "RingThing", "Voucher", "Freeing", "FacetLoss"),
            *("Bridge", "WeakMember", "RingLoss"),
            *("Assessment", "AssessedRing", "AssessedAccount"),
            *("Link", "LinkEdge", "LinkConnection", "LinkedAccountEdge", "LinkedAccountConnection", "FacetBits"),
        ),
        _A,
    )
    | {"UnmaskPayload": _X}
    | dict.fromkeys(("StartRunPayload", "RunNote", "Export", "ExportFile", "ExportPayload"), _O)
)
"""What the fields of a type need; a type that is not here needs an admin."""

FIELDS: dict[str, Rank] = {
    **dict.fromkeys(
        (
            *("Account.plan", "Account.country", "Account.emailDomain", "Account.organization", "Account.label"),
            *("Account.createdAt", "Account.links", "Account.identifiers", "Ring.links"),
            *("Query.accounts", "Query.accountCounts", "Query.identifier", "Query.whyLinked", "Query.path"),
            *(
                "Query.decisions",
                "Query.neighbourhood",
                "Query.whatIf",
                "Query.whyMember",
                "Query.whyRing",
                "Query.evasionCost",
                "Query.search",
                "Query.assess",
            ),
        ),
        _A,
    ),
    **dict.fromkeys(
        (
            "Mutation.mustLink",
            "Mutation.cannotLink",
            "Mutation.allow",
            "Mutation.startRun",
            "Mutation.startExport",
            "Query.export",
        ),
        _O,
    ),
    "Subscription.runProgress": _O,
    "Mutation.revokeDecision": _X,
    "Mutation.unmask": _X,
}
"""Fields that need more than their type does: a person's attributes, and why accounts are linked."""


def needed(type_name: str, field: str) -> Rank:
    """Returns the rank that a field of a type needs; what tells of the schema itself needs none beyond asking."""
    if type_name.startswith("__") or field.startswith("__"):
        return Rank.VIEWER
    return max(TYPES.get(type_name, Rank.ADMIN), FIELDS.get(f"{type_name}.{field}", Rank.VIEWER))


@dataclass(frozen=True, slots=True)
class Need:
    """The highest rank that a document needs, and the field that needs it."""

    rank: Rank = Rank.VIEWER
    field: str = ""


def need_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Need:
    """Returns what an operation with the fragments of its document needs; each node is looked at once."""
    sets: list[tuple[SelectionSetNode | None, GraphQLNamedType | None]] = [
        (operation.selection_set, schema.get_root_type(operation.operation))
    ]
    sets += [
        (definition.selection_set, schema.get_type(definition.type_condition.name.value))
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    ]
    found = Need()
    while sets:
        for need in _step(schema, *sets.pop(), sets):
            found = max(found, need, key=lambda one: one.rank)
    return found


def _step(
    schema: GraphQLSchema,
    selected: SelectionSetNode | None,
    on: GraphQLNamedType | None,
    rest: list[tuple[SelectionSetNode | None, GraphQLNamedType | None]],
) -> Iterator[Need]:
    """Yields what the fields of one selection set need, and puts those inside them onto the rest."""
    for node in selected.selections if selected else ():
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            rest.append((node.selection_set, schema.get_type(condition.name.value) if condition else on))
        elif isinstance(node, FieldNode) and on is not None:
            name = node.name.value
            yield Need(needed(on.name, name), f"{on.name}.{name}")
            field = getattr(on, "fields", {}).get(name)
            rest.append((node.selection_set, get_named_type(field.type) if field else None))


def check(need: Need, rank: Rank) -> None:
    """Raises a Fault (403) for somebody whose rank is below what the document needs."""
    if rank < need.rank:
        raise Fault(Code.FORBIDDEN, f"{need.field} needs the role {need.rank.text}; yours is {rank.text}", status=403)
