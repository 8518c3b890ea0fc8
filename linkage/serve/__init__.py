"""The GraphQL API over one store: `app.create_app` makes it, `server.serve` runs it.

    http -> execution (parse, limits, validate, execute) -> schema and its types -> loaders -> pool -> store

Stores are synchronous and are called through `pool` alone; nothing else in here blocks.
"""
