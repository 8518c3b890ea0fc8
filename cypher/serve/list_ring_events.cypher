// Purpose: Returns the events of each of several rings, newest run first.
// Params: $rings (ids), $limit (for each ring)
// Returns: at, run_id, ring_id, event, other_ring_id
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.id IN $rings
CALL (ring) {
  MATCH (event:RingEvent)-[:ABOUT]->(ring)
  RETURN event
  ORDER BY event.run DESC, event.event, event.other
  LIMIT $limit
}
RETURN event.at AS at,
       event.run AS run_id,
       ring.id AS ring_id,
       event.event AS event,
       event.other AS other_ring_id
ORDER BY ring_id, run_id DESC, event, other_ring_id
