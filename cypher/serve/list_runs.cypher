// Purpose: Returns runs that were published, the newest first.
// Params: $limit
// Returns: run_id, started, finished, settings, counts (the last two as JSON text)
// Mode: read
// Needs: core
MATCH (run:Run)
RETURN run.id AS run_id,
       run.started AS started,
       run.finished AS finished,
       run.settings AS settings,
       run.counts AS counts
ORDER BY run_id DESC
LIMIT $limit
