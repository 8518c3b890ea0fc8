// Purpose: Returns the uses of some identifiers, but for those that more than a number of accounts used;
//   times in microseconds since 1970.
// Params: $keys, $limit
// Returns: the columns of the graph's uses
// Mode: read
// Needs: core
MATCH (i:Identifier)<-[used:USED]-(account:Account)
WHERE i.key IN $keys
  AND i.degree <= $limit
RETURN account.id AS account_id,
       i.key AS key,
       coalesce(used.days, []) AS days,
       used.requests AS requests,
       used.first_seen * 1000000 AS first_seen,
       used.last_seen * 1000000 AS last_seen
ORDER BY key, account_id
