// Purpose: Removes accounts and identifiers that are erased, when they have no relationships any more.
// Params: $accounts (ids), $keys (keys of identifiers)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
CALL () {
  MATCH (account:Account)
  WHERE account.id IN $accounts
  RETURN account AS node
  UNION
  MATCH (identifier:Identifier)
  WHERE identifier.key IN $keys
  RETURN identifier AS node
}
DETACH DELETE node
RETURN count(*) AS rows
