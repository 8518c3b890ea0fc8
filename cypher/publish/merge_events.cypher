// Purpose: Merges ring events, each about a ring that is already there; a row without it is not counted.
// Params: $rows (maps with the fields of a ring event, and id)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (ring:Ring {id: row.ring_id})
MERGE (event:RingEvent {id: row.id})
SET event.at = row.at,
    event.run = row.run_id,
    event.event = row.event,
    event.other = row.other_ring_id
MERGE (event)-[:ABOUT]->(ring)
RETURN count(*) AS rows
