// Purpose: Removes up to $limit links of other runs; it is run again until none is left.
// Params: $run (the run whose links stay), $limit (most links of one transaction)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH ()-[linked:LINKED]->()
WHERE linked.run <> $run
WITH linked
LIMIT $limit
DELETE linked
RETURN count(*) AS rows
