// Purpose: Returns a ring as a graph for Browser: its accounts and the 300 strongest links among them.
// Params: $ring
// Returns: a, linked, b
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[:MEMBER_OF]-(a:Account)-[linked:LINKED]->(b:Account)-[:MEMBER_OF]->(:Ring {id: $ring})
RETURN a AS a, linked AS linked, b AS b
ORDER BY linked.bits DESC, a.id, b.id
LIMIT 300
