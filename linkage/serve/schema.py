"""The schema: its root, put together from its parts."""

from __future__ import annotations

import strawberry
from graphql import GraphQLSchema

from linkage.serve.roots.accounts import AccountQueries
from linkage.serve.roots.exports import ExportMutations, ExportQueries
from linkage.serve.roots.mutations import DecisionMutations
from linkage.serve.roots.nodes import NodeQueries
from linkage.serve.roots.questions import Questions
from linkage.serve.roots.rings import RingQueries
from linkage.serve.roots.runs import RunQueries
from linkage.serve.roots.unmasking import UnmaskMutations
from linkage.serve.types import records  # noqa: F401 - what reads fields as records is known once it is imported
from linkage.serve.types.stream import Subscription
from linkage.serve.types.values import CONFIG, Node


@strawberry.type(description="What can be asked of the current run.")
class Query(NodeQueries, AccountQueries, RingQueries, Questions, RunQueries, ExportQueries):
    """The root."""


@strawberry.type(description="What changes the store, and what is written for others to take.")
class Mutation(DecisionMutations, ExportMutations, UnmaskMutations):
    """The root of mutations."""


def build() -> strawberry.Schema:
    """Returns the schema."""
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, types=[Node], config=CONFIG)


def core(schema: strawberry.Schema) -> GraphQLSchema:
    """Returns the engine's own schema, on which documents are checked and executed."""
    return schema._schema  # strawberry has no public name for it


def sdl() -> str:
    """Returns the schema in the schema definition language, as docs/schema.graphql holds it."""
    return build().as_str() + "\n"
