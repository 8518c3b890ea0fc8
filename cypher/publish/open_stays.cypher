// Purpose: Begins a stay for every account that is in a ring in a role in which it was not before.
// Params: $run
// Returns: rows (how many were begun)
// Mode: write
// Needs: core
MATCH (account:Account)-[member:MEMBER_OF]->(ring:Ring)
WHERE NOT EXISTS {
  MATCH (account)-[stay:STAYED_IN {until_run: ''}]->(ring)
  WHERE stay.role = member.role
}
CREATE (account)-[:STAYED_IN {role: member.role, from_run: $run, until_run: ''}]->(ring)
RETURN count(*) AS rows
