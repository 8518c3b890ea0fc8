// Purpose: Removes a decision whose accounts were erased.
// Params: $decision (its id)
// Returns: rows (1 if there was one)
// Mode: write
// Needs: core
MATCH (verdict:Verdict {id: $decision})
DETACH DELETE verdict
RETURN count(*) AS rows
