// Purpose: Ends the stays of accounts that are no longer in their ring in their role.
// Params: $run
// Returns: rows (how many were ended)
// Mode: write
// Needs: core
MATCH (account:Account)-[stay:STAYED_IN {until_run: ''}]->(ring:Ring)
WHERE NOT EXISTS {
  MATCH (account)-[member:MEMBER_OF]->(ring)
  WHERE member.role = stay.role
}
SET stay.until_run = $run
RETURN count(*) AS rows
