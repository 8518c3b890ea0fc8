// Purpose: Returns what happened to rings in the current run, the largest rings first.
// Params: none
// Returns: ring, event, other (the other side of a merge or split), accounts
// Mode: read
// Needs: core
MATCH (:Current {name: 'run'})-[:IS]->(run:Run)
MATCH (event:RingEvent {run: run.id})-[:ABOUT]->(ring:Ring)
RETURN ring.id AS ring,
       event.event AS event,
       event.other AS other,
       ring.size AS accounts
ORDER BY accounts DESC, ring, event, other
LIMIT 100
