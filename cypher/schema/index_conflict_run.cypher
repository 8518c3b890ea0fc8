// Purpose: Indexes conflicts with decisions by their run.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE INDEX linkage_conflict_run IF NOT EXISTS
FOR (conflict:Conflict)
ON (conflict.run)
