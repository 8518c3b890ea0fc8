// Purpose: Removes all memberships; those of the run that is being published are made in the same
//   transaction.
// Params: none
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (:Account)-[member:MEMBER_OF]->(:Ring)
DELETE member
RETURN count(*) AS rows
