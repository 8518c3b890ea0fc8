// Purpose: Returns the accounts of each of several rings: core, member, bystander; then most bits first.
// Params: $rings (ids), $limit (for each ring)
// Returns: ring_id, members (lists of account_id, role, bits, weakest_facet, since in microseconds since 1970; in one
//   row, since a row costs the driver what ten values do)
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.id IN $rings
CALL (ring) {
  MATCH (ring)<-[member:MEMBER_OF]-(account:Account)
  WITH member, account
  ORDER BY CASE member.role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, member.bits DESC, account.id
  LIMIT $limit
  RETURN collect([
    account.id, member.role, member.bits, member.weakest_facet,
    member.since.epochSeconds * 1000000 + member.since.microsecond
  ]) AS members
}
RETURN ring.id AS ring_id,
       members AS members
ORDER BY ring_id
