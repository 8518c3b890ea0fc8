// Purpose: Returns a ring as it was last published by a run or one before it.
// Params: $ring, $run
// Returns: ring_id, status, size, score, first_seen, last_seen, operator_id, campaign_id, facets, context,
//   requests
// Mode: read
// Needs: core
MATCH (version:RingVersion)-[:VERSION_OF]->(ring:Ring {id: $ring})
WHERE version.run <= $run
WITH ring, version
ORDER BY version.run DESC
LIMIT 1
RETURN ring.id AS ring_id,
       version.status AS status,
       version.size AS size,
       version.score AS score,
       version.first_seen AS first_seen,
       version.last_seen AS last_seen,
       version.operator AS operator_id,
       version.campaign AS campaign_id,
       version.facets AS facets,
       version.context AS context,
       version.requests AS requests
