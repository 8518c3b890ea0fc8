// Purpose: Removes the events of a run, before they are written again.
// Params: $run
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (event:RingEvent {run: $run})
DETACH DELETE event
RETURN count(*) AS rows
