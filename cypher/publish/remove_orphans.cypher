// Purpose: Removes operators and campaigns that no ring names any more.
// Params: none
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (orphan:Operator|Campaign)
WHERE NOT EXISTS {
  MATCH (orphan)<-[:RUN_BY|WORKS_FOR]-(:Ring)
}
DELETE orphan
RETURN count(*) AS rows
