// Purpose: Returns the rings of the current run, those that sleep too, highest score first, behind a
//   given ring where one is given.
// Params: $after (the id of a ring, or null), $limit
// Returns: ring_id, status, size, score, first_seen, last_seen, operator_id, campaign_id, facets, context,
//   requests
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.status IN ['active', 'dormant']
OPTIONAL MATCH (last:Ring {id: $after})
WITH ring, last
WHERE $after IS NULL
   OR ring.score < last.score
   OR (ring.score = last.score AND ring.id > last.id)
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
ORDER BY score DESC, ring_id
LIMIT $limit
