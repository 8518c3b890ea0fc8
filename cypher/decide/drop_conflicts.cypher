// Purpose: Removes what evidence said against a decision in any run: it names accounts.
// Params: $decision (the decision's id)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (conflict:Conflict)
WHERE conflict.decision = $decision
DETACH DELETE conflict
RETURN count(*) AS rows
