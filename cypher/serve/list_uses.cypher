// Purpose: Returns what an account used, most bits first.
// Params: $account, $limit
// Returns: key, kind, facet, place, degree, bits, first_seen, last_seen, days (how many), requests
// Mode: read
// Needs: core
MATCH (:Account {id: $account})-[used:USED]->(i:Identifier)
RETURN i.key AS key,
       i.kind AS kind,
       i.facet AS facet,
       i.place AS place,
       i.degree AS degree,
       i.bits AS bits,
       CASE WHEN used.first_seen IS NOT NULL THEN datetime({epochSeconds: used.first_seen}) END AS first_seen,
       CASE WHEN used.last_seen IS NOT NULL THEN datetime({epochSeconds: used.last_seen}) END AS last_seen,
       size(coalesce(used.days, [])) AS days,
       used.requests AS requests
ORDER BY bits DESC, kind, key
LIMIT $limit
