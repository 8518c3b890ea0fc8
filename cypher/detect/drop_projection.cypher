// Purpose: Drops a projection if it is there.
// Params: $graph (name of the projection)
// Returns: graph (its name, if it was there)
// Mode: read
// Needs: gds
CALL gds.graph.drop($graph, false)
YIELD graphName
RETURN graphName AS graph
