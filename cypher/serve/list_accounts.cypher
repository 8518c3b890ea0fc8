// Purpose: Returns accounts, each with the ring it is in: that of its strongest role and most bits.
// Params: $ids
// Returns: accounts (lists of account_id, created_at, status, plan, country, email_domain, organization, label,
//   first_seen, last_seen, requests, ring_id, role; times in microseconds since 1970; all in one row, since a row costs
//   the driver what ten values do)
// Mode: read
// Needs: core
MATCH (account:Account)
WHERE account.id IN $ids
CALL (account) {
  OPTIONAL MATCH (account)-[member:MEMBER_OF]->(ring:Ring)
  RETURN ring.id AS ring_id, member.role AS role
  ORDER BY CASE member.role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, member.bits DESC, ring.id
  LIMIT 1
}
WITH account, ring_id, role
ORDER BY account.id
RETURN collect([
  account.id, account.created_at.epochSeconds * 1000000 + account.created_at.microsecond, account.status,
  account.plan, account.country, account.email_domain, account.organization, account.label,
  account.first_seen.epochSeconds * 1000000 + account.first_seen.microsecond,
  account.last_seen.epochSeconds * 1000000 + account.last_seen.microsecond,
  account.requests, ring_id, role
]) AS accounts
