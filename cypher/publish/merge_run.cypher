// Purpose: Merges a run.
// Params: $run (map: id, started, finished, settings and counts as JSON text)
// Returns: id
// Mode: write
// Needs: core
MERGE (run:Run {id: $run.id})
SET run.started = $run.started,
    run.finished = $run.finished,
    run.settings = $run.settings,
    run.counts = $run.counts
RETURN run.id AS id
