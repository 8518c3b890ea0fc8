// Purpose: Merges what rings were in a run, each beside the ring that it is a version of.
// Params: $rows (maps with the fields of a ring, in the order of id), $run
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (ring:Ring {id: row.ring_id})
MERGE (version:RingVersion {id: row.ring_id + '|' + $run})
SET version.run = $run,
    version.status = row.status,
    version.size = row.size,
    version.score = row.score,
    version.first_seen = row.first_seen,
    version.last_seen = row.last_seen,
    version.operator = row.operator_id,
    version.campaign = row.campaign_id,
    version.facets = row.facets,
    version.context = row.context,
    version.requests = row.requests
MERGE (version)-[:VERSION_OF]->(ring)
RETURN count(*) AS rows
