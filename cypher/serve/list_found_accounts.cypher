// Purpose: Returns the ids of accounts with given attributes, ascending.
// Params: $after (the id of an account, or empty), $prefix (of the id, or empty), $status, $plan, $country,
//   $email_domain, $organization, $label (lists, or null), $created_from, $created_until, $seen_from,
//   $seen_until, $least_requests, $most_requests, $in_ring (whether as core or member; each may be null), $limit
// Returns: account_id
// Mode: read
// Needs: core
MATCH (account:Account)
WHERE account.id > $after
  AND account.id STARTS WITH $prefix
  AND ($status IS NULL OR account.status IN $status)
  AND ($plan IS NULL OR account.plan IN $plan)
  AND ($country IS NULL OR account.country IN $country)
  AND ($email_domain IS NULL OR account.email_domain IN $email_domain)
  AND ($organization IS NULL OR account.organization IN $organization)
  AND ($label IS NULL OR account.label IN $label)
  AND ($created_from IS NULL OR account.created_at >= $created_from)
  AND ($created_until IS NULL OR account.created_at < $created_until)
  AND ($seen_from IS NULL OR account.last_seen >= $seen_from)
  AND ($seen_until IS NULL OR account.last_seen < $seen_until)
  AND ($least_requests IS NULL OR account.requests >= $least_requests)
  AND ($most_requests IS NULL OR account.requests <= $most_requests)
  AND ($in_ring IS NULL OR $in_ring = (EXISTS { (account)-[:MEMBER_OF {role: 'core'}]->() }
   OR EXISTS { (account)-[:MEMBER_OF {role: 'member'}]->() }))
RETURN account.id AS account_id
ORDER BY account_id
LIMIT $limit
