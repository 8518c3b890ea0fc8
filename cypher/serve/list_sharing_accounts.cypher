// Purpose: Returns the accounts that used any of some identifiers, but for those that more than a number
//   of accounts used; times in microseconds since 1970.
// Params: $keys, $limit
// Returns: the columns of the graph's accounts
// Mode: read
// Needs: core
MATCH (i:Identifier)<-[:USED]-(account:Account)
WHERE i.key IN $keys
  AND i.degree <= $limit
WITH DISTINCT account
RETURN account.id AS id,
       account.created_at.epochSeconds * 1000000 + account.created_at.microsecond AS created_at,
       account.status AS status,
       account.plan AS plan,
       account.country AS country,
       account.email_domain AS email_domain,
       account.organization AS organization,
       account.label AS label,
       account.first_seen.epochSeconds * 1000000 + account.first_seen.microsecond AS first_seen,
       account.last_seen.epochSeconds * 1000000 + account.last_seen.microsecond AS last_seen,
       account.requests AS requests,
       coalesce(account.starts, []) AS starts,
       coalesce(account.breadth, []) AS breadth
ORDER BY id
