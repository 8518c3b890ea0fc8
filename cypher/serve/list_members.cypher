// Purpose: Returns the accounts of each of several rings: core, member, bystander; then most bits first.
// Params: $rings (ids), $limit (for each ring)
// Returns: ring_id, account_id, role, bits, weakest_facet, since
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.id IN $rings
CALL (ring) {
  MATCH (ring)<-[member:MEMBER_OF]-(account:Account)
  RETURN member, account
  ORDER BY CASE member.role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, member.bits DESC, account.id
  LIMIT $limit
}
RETURN ring.id AS ring_id,
       account.id AS account_id,
       member.role AS role,
       member.bits AS bits,
       member.weakest_facet AS weakest_facet,
       member.since AS since
ORDER BY ring_id, CASE role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, bits DESC, account_id
