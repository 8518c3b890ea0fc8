// Purpose: Indexes rings by status, since reading goes over the active ones.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE INDEX linkage_ring_status IF NOT EXISTS
FOR (ring:Ring)
ON (ring.status)
