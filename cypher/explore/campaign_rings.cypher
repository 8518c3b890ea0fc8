// Purpose: Returns the rings that serve a campaign, with their operators.
// Params: $campaign
// Returns: ring, operator, status, accounts, score, requests
// Mode: read
// Needs: core
MATCH (:Campaign {id: $campaign})<-[:WORKS_FOR]-(ring:Ring)
RETURN ring.id AS ring,
       head([(ring)-[:RUN_BY]->(operator:Operator) | operator.id]) AS operator,
       ring.status AS status,
       ring.size AS accounts,
       ring.score AS score,
       ring.requests AS requests
ORDER BY accounts DESC, ring
LIMIT 100
