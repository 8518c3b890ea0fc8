// Purpose: Returns the 25 largest rings that formed in the current run.
// Params: none
// Returns: ring, accounts, score, context, facets
// Mode: read
// Needs: core
MATCH (:Current {name: 'run'})-[:IS]->(run:Run)
MATCH (event:RingEvent {run: run.id, event: 'formed'})-[:ABOUT]->(ring:Ring)
RETURN ring.id AS ring,
       ring.size AS accounts,
       ring.score AS score,
       ring.context AS context,
       ring.facets AS facets
ORDER BY accounts DESC, ring
LIMIT 25
