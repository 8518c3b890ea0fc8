// Purpose: Waits until all indexes are online, after a bulk import above all.
// Params: $seconds (how long at most)
// Returns: nothing
// Mode: read
// Needs: core
CALL db.awaitIndexes($seconds)
