// Purpose: Returns accounts with all that explains a pair of them; times in microseconds since 1970.
// Params: $ids
// Returns: the columns of the graph's accounts
// Mode: read
// Needs: core
MATCH (account:Account)
WHERE account.id IN $ids
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
