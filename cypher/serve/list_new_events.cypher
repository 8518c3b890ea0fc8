// Purpose: Returns ring events behind a place in the order of run, ring, event and other ring.
// Params: $run, $ring, $event, $other (the place: all empty for the beginning), $limit
// Returns: at, run_id, ring_id, event, other_ring_id
// Mode: read
// Needs: core
MATCH (event:RingEvent)-[:ABOUT]->(ring:Ring)
WHERE event.run >= $run
  AND (event.run > $run
   OR ring.id > $ring
   OR (ring.id = $ring AND (event.event > $event OR (event.event = $event AND event.other > $other))))
RETURN event.at AS at,
       event.run AS run_id,
       ring.id AS ring_id,
       event.event AS event,
       event.other AS other_ring_id
ORDER BY run_id, ring_id, event, other_ring_id
LIMIT $limit
