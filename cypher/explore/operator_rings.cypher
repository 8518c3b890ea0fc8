// Purpose: Returns the rings that an operator runs, with the campaigns that they serve.
// Params: $operator
// Returns: ring, campaign, status, accounts, score, requests
// Mode: read
// Needs: core
MATCH (:Operator {id: $operator})<-[:RUN_BY]-(ring:Ring)
RETURN ring.id AS ring,
       head([(ring)-[:WORKS_FOR]->(campaign:Campaign) | campaign.id]) AS campaign,
       ring.status AS status,
       ring.size AS accounts,
       ring.score AS score,
       ring.requests AS requests
ORDER BY accounts DESC, ring
LIMIT 100
