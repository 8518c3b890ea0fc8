// Purpose: Returns accounts, each with the ring it is in: that of its strongest role and most bits.
// Params: $ids
// Returns: account_id, created_at, status, plan, country, email_domain, organization, label, first_seen,
//   last_seen, requests, ring_id, role
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
RETURN account.id AS account_id,
       account.created_at AS created_at,
       account.status AS status,
       account.plan AS plan,
       account.country AS country,
       account.email_domain AS email_domain,
       account.organization AS organization,
       account.label AS label,
       account.first_seen AS first_seen,
       account.last_seen AS last_seen,
       account.requests AS requests,
       ring_id AS ring_id,
       role AS role
ORDER BY account_id
