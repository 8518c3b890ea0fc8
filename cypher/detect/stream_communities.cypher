// Purpose: Returns the Leiden community of every account of a projection, by modularity over bits; one
//   thread and a fixed seed, so that equal projections give equal communities.
// Params: $graph (name of the projection), $resolution (gamma: higher gives smaller communities)
// Returns: account_id, community
// Mode: read
// Needs: gds
CALL gds.leiden.stream(
  $graph,
  {relationshipWeightProperty: 'bits', gamma: $resolution, concurrency: 1, randomSeed: 19}
)
YIELD nodeId, communityId
RETURN gds.util.asNode(nodeId).id AS account_id, communityId AS community
ORDER BY account_id
