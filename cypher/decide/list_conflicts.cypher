// Purpose: Returns where evidence spoke against decisions in a run.
// Params: $run
// Returns: run_id, decision_id, said
// Mode: read
// Needs: core
MATCH (conflict:Conflict {run: $run})
RETURN conflict.run AS run_id,
       conflict.decision AS decision_id,
       conflict.said AS said
ORDER BY decision_id, said
