"""Answers queries column by column: a field of all objects of a level at once, instead of a field of one after another.

The engine (graphql-core) does some hundred small steps for every value of a reply; here a step is done once for a
column. It is a short cut, not a second opinion: a document that it does not know (directives, abstract types,
introspection) and every request in which anything goes wrong are answered by the engine, which alone tells errors.
"""
