// Purpose: Returns the accounts of a ring: core, member, bystander; then most bits first.
// Params: $ring, $limit
// Returns: ring_id, account_id, role, bits, weakest_facet, since
// Mode: read
// Needs: core
MATCH (ring:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
RETURN ring.id AS ring_id,
       account.id AS account_id,
       member.role AS role,
       member.bits AS bits,
       member.weakest_facet AS weakest_facet,
       member.since AS since
ORDER BY CASE role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, bits DESC, account_id
LIMIT $limit
