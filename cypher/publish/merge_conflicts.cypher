// Purpose: Merges where evidence spoke against decisions in a run.
// Params: $rows (maps: run_id, decision_id, said)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MERGE (conflict:Conflict {run: row.run_id, decision: row.decision_id, said: row.said})
WITH conflict, row
CALL (conflict, row) {
  MATCH (verdict:Verdict {id: row.decision_id})
  MERGE (conflict)-[:AGAINST]->(verdict)
}
RETURN count(*) AS rows
