// Purpose: Projects the links of grade behaviour into memory, both ways, weighted by bits; accounts in the
//   order of id, so that equal graphs give equal projections.
// Params: $graph (name of the projection)
// Returns: nodes, relationships (how many; each link counts twice)
// Mode: read
// Needs: gds
MATCH (a:Account)-[linked:LINKED {grade: 'behaviour'}]->(b:Account)
WITH a, b, linked
ORDER BY a.id, b.id
WITH gds.graph.project(
  $graph,
  a,
  b,
  {relationshipProperties: {bits: linked.bits}},
  {undirectedRelationshipTypes: ['*'], readConcurrency: 1}
) AS projection
RETURN projection.nodeCount AS nodes, projection.relationshipCount AS relationships
