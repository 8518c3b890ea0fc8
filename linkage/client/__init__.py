"""A client of the GraphQL API for notebooks and services: rings, members and links as pandas DataFrames.

from linkage.client import Client

client = Client("http://127.0.0.1:8000/graphql", key="lk_…")
rings = client.rings(where={"size": {"gte": 5}}, limit=500)
members = client.members(rings.ring_id[0])
"""

from linkage.client.client import Client
from linkage.client.notebook import Notebook
from linkage.client.transport import ApiError

__all__ = ["ApiError", "Client", "Notebook"]
