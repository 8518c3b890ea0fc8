// Purpose: Returns operators who serve more than one campaign: proxy networks, resellers of access.
// Params: none
// Returns: operator, campaigns, rings, accounts
// Mode: read
// Needs: core
MATCH (operator:Operator)<-[:RUN_BY]-(ring:Ring {status: 'active'})-[:WORKS_FOR]->(campaign:Campaign)
WITH operator, collect(DISTINCT campaign.id) AS campaigns, count(DISTINCT ring) AS rings, sum(ring.size) AS accounts
WHERE size(campaigns) > 1
RETURN operator.id AS operator,
       campaigns AS campaigns,
       rings AS rings,
       accounts AS accounts
ORDER BY accounts DESC, operator
LIMIT 25
