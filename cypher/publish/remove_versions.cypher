// Purpose: Removes what a run added to the history of rings, before it is written again.
// Params: $run
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (version:RingVersion {run: $run})
DETACH DELETE version
RETURN count(*) AS rows
