"""The schema of a JanusGraph, which takes it as a script alone; other Gremlin servers need none.

A JanusGraph keeps no property that it was not told of (`schema.default=none`), finds vertices by index alone, and
makes every name once, whoever asks first: the script makes what is missing, in one transaction.
"""

from __future__ import annotations

from linkage.errors import SettingsError, StoreError
from linkage.stores.gremlin.session import Session

TEXTS = (
    "name", "bucket", "status", "plan", "country", "email_domain", "organization", "marked", "starts", "breadth",
    "kind", "facet", "place", "account_id", "ekey", "days", "account_a", "account_b", "grade", "ring_id", "role",
    "weakest_facet", "stamp", "points", "run", "of_run", "of_ring", "operator_id", "campaign_id", "facets", "context",
    "event", "other", "settings", "counts", "body", "decision_id", "said", "ruling", "accounts", "author", "reason",
    "revoked_by",
)  # fmt: skip
NUMBERS = (
    "digest", "created_at", "first_seen", "last_seen", "requests", "degree", "peak", "number", "part", "since", "size",
    "at", "started", "finished", "version", "expires", "revoked",
)  # fmt: skip
WEIGHTS = ("bits", "score", "network", "payment", "content", "timing", "device", "profile")
TRUTHS = ("windowed",)
VERTICES = (
    "Account", "Identifier", "Ring", "Current", "Directory", "Attempt", "Run", "RingVersion", "RingEvent", "Stay",
    "StayEnd", "Conflict", "Verdict",
)  # fmt: skip
EDGES = {"USED": "SIMPLE", "LINKED": "SIMPLE", "MEMBER_OF": "MULTI"}
"""Between two vertices is one use and one link; memberships of two runs stand side by side."""
INDEXES = ("bucket", "of_run", "of_ring")
LOCKED = ("version", "points")
"""What two clients may want to change at once: the version of a decision, and what the pointer points to."""

_JANUSGRAPH = "StandardJanusGraph"
_ASK = "graph.getClass().getSimpleName()"
_TEXT_IDS = "graph.getConfiguration().allowCustomVertexIdType()"
_OWN_IDS = "graph.getConfiguration().allowVertexIdSetting()"

_MAKE = """
def m = graph.openManagement()
try {{
  def types = {types}
  types.each {{ name, type ->
    if (!m.containsPropertyKey(name)) {{
      def key = m.makePropertyKey(name).dataType(type).cardinality(org.janusgraph.core.Cardinality.SINGLE).make()
      if (name in {locked}) {{ m.setConsistency(key, org.janusgraph.core.schema.ConsistencyModifier.LOCK) }}
    }}
  }}
  {vertices}.each {{ if (!m.containsVertexLabel(it)) {{ m.makeVertexLabel(it).make() }} }}
  {edges}.each {{ name, many ->
    if (!m.containsEdgeLabel(name)) {{
      m.makeEdgeLabel(name).multiplicity(org.janusgraph.core.Multiplicity.valueOf(many)).make()
    }}
  }}
  {indexes}.each {{
    if (!m.containsGraphIndex(it)) {{
      m.buildIndex(it, org.apache.tinkerpop.gremlin.structure.Vertex.class)
        .addKey(m.getPropertyKey(it)).buildCompositeIndex()
    }}
  }}
  m.commit()
}} catch (Throwable failed) {{ m.rollback(); throw failed }}
'made'
"""


def is_janusgraph(session: Session) -> bool:
    """Returns whether the server holds a JanusGraph; a server that takes no scripts holds none."""
    try:
        return session.script("find engine", _ASK) == [_JANUSGRAPH]
    except StoreError as error:
        if error.transient:
            raise
        return False


def takes_text_ids(session: Session) -> bool:
    """Returns whether a JanusGraph takes text as ids of vertices; SettingsError where it takes no ids at all."""
    if session.script("find ids", _OWN_IDS) != [True]:
        raise SettingsError(
            f"{session.url} makes the ids of vertices itself: set graph.set-vertex-id=true in JanusGraph's properties, "
            "and graph.allow-custom-vid-types=true unless it is on BerkeleyDB, before the graph is first opened"
        )
    return session.script("find ids", _TEXT_IDS) == [True]


def prepare(session: Session) -> None:
    """Makes what is missing of the schema."""
    kinds = (("String", TEXTS), ("Long", NUMBERS), ("Double", WEIGHTS), ("Boolean", TRUTHS))
    types = ", ".join(f"'{name}': {kind}.class" for kind, names in kinds for name in names)
    session.script(
        "make schema",
        _MAKE.format(
            types=f"[{types}]",
            locked=list(LOCKED),
            vertices=list(VERTICES),
            edges="[" + ", ".join(f"'{name}': '{many}'" for name, many in EDGES.items()) + "]",
            indexes=list(INDEXES),
        ),
    )
