// Purpose: Indexes versions of rings by their run.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE INDEX linkage_version_run IF NOT EXISTS
FOR (version:RingVersion)
ON (version.run)
