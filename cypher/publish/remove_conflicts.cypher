// Purpose: Removes the conflicts of a run with decisions, before they are written again.
// Params: $run
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (conflict:Conflict {run: $run})
DETACH DELETE conflict
RETURN count(*) AS rows
