// Purpose: Removes the memberships of accounts that are erased, and counts the members of their rings anew.
// Params: $accounts (ids)
// Returns: rows (how many rings had one of them)
// Mode: write
// Needs: core
MATCH (account:Account)-[member:MEMBER_OF]->(ring:Ring)
WHERE account.id IN $accounts
DELETE member
WITH DISTINCT ring
SET ring.size = COUNT {
  MATCH (ring)<-[left:MEMBER_OF]-()
  WHERE left.role <> 'bystander'
}
WITH ring
CALL (ring) {
  MATCH (version:RingVersion)-[:VERSION_OF]->(ring)
  WHERE version.run = ring.run
  SET version.size = ring.size
}
RETURN count(*) AS rows
