// Purpose: Returns rings by their ids, also such as have ended.
// Params: $rings (ids)
// Returns: ring_id, status, size, score, first_seen, last_seen, operator_id, campaign_id, facets, context,
//   requests
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.id IN $rings
RETURN ring.id AS ring_id,
       ring.status AS status,
       ring.size AS size,
       ring.score AS score,
       ring.first_seen AS first_seen,
       ring.last_seen AS last_seen,
       coalesce(head([(ring)-[:RUN_BY]->(operator:Operator) | operator.id]), '') AS operator_id,
       coalesce(head([(ring)-[:WORKS_FOR]->(campaign:Campaign) | campaign.id]), '') AS campaign_id,
       ring.facets AS facets,
       ring.context AS context,
       ring.requests AS requests
ORDER BY ring_id
