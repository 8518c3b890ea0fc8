// Purpose: Removes up to $limit relationships of accounts and identifiers that are erased; it is run again until none
//   is left.
// Params: $accounts (ids), $keys (keys of identifiers), $limit (most relationships of one transaction)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
CALL () {
  MATCH (account:Account)-[held]-()
  WHERE account.id IN $accounts
  RETURN held
  UNION
  MATCH (identifier:Identifier)-[held]-()
  WHERE identifier.key IN $keys
  RETURN held
}
WITH held
LIMIT $limit
DELETE held
RETURN count(*) AS rows
