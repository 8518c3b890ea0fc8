// Purpose: Returns the accounts that used each of several identifiers, behind an account where one is given.
// Params: $keys, $after (the id of an account, or empty), $limit (for each identifier)
// Returns: key, account_id
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.key IN $keys
CALL (i) {
  MATCH (i)<-[:USED]-(account:Account)
  WHERE account.id > $after
  RETURN account.id AS account_id
  ORDER BY account_id
  LIMIT $limit
}
RETURN i.key AS key,
       account_id AS account_id
ORDER BY key, account_id
