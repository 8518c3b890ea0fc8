// Purpose: Returns who used a thing, the busiest first.
// Params: $key
// Returns: account, status, label, ring, requests (with it), days
// Mode: read
// Needs: core
MATCH (:Identifier {key: $key})<-[used:USED]-(account:Account)
WITH used, account
ORDER BY used.requests DESC, account.id
LIMIT 100
RETURN account.id AS account,
       account.status AS status,
       account.label AS label,
       head([(account)-[:MEMBER_OF]->(ring:Ring) | ring.id]) AS ring,
       used.requests AS requests,
       size(coalesce(used.days, [])) AS days
ORDER BY requests DESC, account
LIMIT 100
