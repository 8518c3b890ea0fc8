// Purpose: Returns the accounts of all rings.
// Params: $roles
// Returns: ring_id, account_id, role, bits, weakest_facet, since (microseconds since 1970)
// Mode: read
// Needs: core
MATCH (ring:Ring)<-[member:MEMBER_OF]-(account:Account)
WHERE member.role IN $roles
RETURN ring.id AS ring_id,
       account.id AS account_id,
       member.role AS role,
       member.bits AS bits,
       member.weakest_facet AS weakest_facet,
       member.since.epochSeconds * 1000000 + member.since.microsecond AS since
ORDER BY ring_id, account_id
