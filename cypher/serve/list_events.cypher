// Purpose: Returns ring events, of one ring or run or of all, newest run first.
// Params: $ring (the id of a ring, or null), $run (the id of a run, or null), $limit
// Returns: at, run_id, ring_id, event, other_ring_id
// Mode: read
// Needs: core
MATCH (event:RingEvent)-[:ABOUT]->(ring:Ring)
WHERE ($ring IS NULL OR ring.id = $ring)
  AND ($run IS NULL OR event.run = $run)
RETURN event.at AS at,
       event.run AS run_id,
       ring.id AS ring_id,
       event.event AS event,
       event.other AS other_ring_id
ORDER BY run_id DESC, ring_id, event, other_ring_id
LIMIT $limit
