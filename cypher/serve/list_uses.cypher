// Purpose: Returns what each of several accounts used, most bits first.
// Params: $accounts (ids), $limit (for each account)
// Returns: account_id, key, kind, facet, place, degree, bits, first_seen, last_seen, days (how many), requests
// Mode: read
// Needs: core
MATCH (account:Account)
WHERE account.id IN $accounts
CALL (account) {
  MATCH (account)-[used:USED]->(i:Identifier)
  RETURN used, i
  ORDER BY i.bits DESC, i.kind, i.key
  LIMIT $limit
}
RETURN account.id AS account_id,
       i.key AS key,
       i.kind AS kind,
       i.facet AS facet,
       i.place AS place,
       i.degree AS degree,
       i.bits AS bits,
       CASE WHEN used.first_seen IS NOT NULL THEN datetime({epochSeconds: used.first_seen}) END AS first_seen,
       CASE WHEN used.last_seen IS NOT NULL THEN datetime({epochSeconds: used.last_seen}) END AS last_seen,
       size(coalesce(used.days, [])) AS days,
       used.requests AS requests
ORDER BY account_id, bits DESC, kind, key
