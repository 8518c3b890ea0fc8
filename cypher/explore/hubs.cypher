// Purpose: Returns the five most used identifiers of each kind: the places where strangers meet.
// Params: none
// Returns: kind, key, place, accounts, peak (on the busiest day), bits
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.degree > 1
WITH i
ORDER BY i.degree DESC, i.key
WITH i.kind AS kind, collect(i)[0..5] AS hubs
UNWIND hubs AS hub
RETURN kind AS kind,
       hub.key AS key,
       hub.place AS place,
       hub.degree AS accounts,
       hub.peak AS peak,
       hub.bits AS bits
ORDER BY kind, accounts DESC, key
LIMIT 100
