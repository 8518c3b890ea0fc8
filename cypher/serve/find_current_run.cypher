// Purpose: Returns the run that is published, if any.
// Params: none
// Returns: run_id, started, finished, settings, counts (the last two as JSON text)
// Mode: read
// Needs: core
MATCH (:Current {name: 'run'})-[:IS]->(run:Run)
RETURN run.id AS run_id,
       run.started AS started,
       run.finished AS finished,
       run.settings AS settings,
       run.counts AS counts
