// Purpose: Returns the component of every account of a projection.
// Params: $graph (name of the projection)
// Returns: account_id, component
// Mode: read
// Needs: gds
CALL gds.wcc.stream($graph, {concurrency: 1})
YIELD nodeId, componentId
RETURN gds.util.asNode(nodeId).id AS account_id, componentId AS component
ORDER BY account_id
