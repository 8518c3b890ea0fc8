// Purpose: Returns the 25 largest active rings of the current run.
// Params: none
// Returns: ring, accounts, score, context, facets, operator, campaign
// Mode: read
// Needs: core
MATCH (ring:Ring {status: 'active'})
RETURN ring.id AS ring,
       ring.size AS accounts,
       ring.score AS score,
       ring.context AS context,
       ring.facets AS facets,
       head([(ring)-[:RUN_BY]->(operator:Operator) | operator.id]) AS operator,
       head([(ring)-[:WORKS_FOR]->(campaign:Campaign) | campaign.id]) AS campaign
ORDER BY accounts DESC, ring
LIMIT 25
