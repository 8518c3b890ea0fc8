"""The types of the GraphQL schema, one module for each noun.

Strawberry makes the schema from them; a type is made from its record of `linkage.model`, and what has to
be read from the store is a field with a resolver that goes through the request's loaders.
"""
