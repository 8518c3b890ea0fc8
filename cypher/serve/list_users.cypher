// Purpose: Returns the accounts that used an identifier.
// Params: $key, $limit
// Returns: account_id
// Mode: read
// Needs: core
MATCH (:Identifier {key: $key})<-[:USED]-(account:Account)
RETURN account.id AS account_id
ORDER BY account_id
LIMIT $limit
