// Purpose: Returns what each of several accounts used, most bits first.
// Params: $accounts (ids), $limit (for each account)
// Returns: accounts (lists of account_id and uses: lists of key, kind, place, degree, bits, first_seen and last_seen in
//   seconds since 1970, how many days, requests; all in one row, since a row costs the driver what ten values do)
// Mode: read
// Needs: core
MATCH (account:Account)
WHERE account.id IN $accounts
CALL (account) {
  MATCH (account)-[used:USED]->(i:Identifier)
  WITH used, i
  ORDER BY i.bits DESC, i.kind, i.key
  LIMIT $limit
  RETURN collect([
    i.key, i.kind, i.place, i.degree, i.bits, used.first_seen, used.last_seen,
    size(coalesce(used.days, [])), used.requests
  ]) AS uses
}
WITH account, uses
ORDER BY account.id
RETURN collect([account.id, uses]) AS accounts
