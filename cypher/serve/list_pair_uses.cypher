// Purpose: Returns the uses of those identifiers that at least two of the accounts used; times in
//   microseconds since 1970.
// Params: $ids
// Returns: the columns of the graph's uses
// Mode: read
// Needs: core
MATCH (account:Account)-[used:USED]->(i:Identifier)
WHERE account.id IN $ids
WITH i, collect({account_id: account.id, used: used}) AS rows
WHERE size(rows) > 1
UNWIND rows AS row
WITH i, row.account_id AS account_id, row.used AS used
RETURN account_id AS account_id,
       i.key AS key,
       coalesce(used.days, []) AS days,
       used.requests AS requests,
       used.first_seen * 1000000 AS first_seen,
       used.last_seen * 1000000 AS last_seen
ORDER BY account_id, key
