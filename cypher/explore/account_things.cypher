// Purpose: Returns the 100 things of an account that say most, with how many others used them.
// Params: $account
// Returns: kind, key, place, others, bits, days (on which it used it), requests
// Mode: read
// Needs: core
MATCH (:Account {id: $account})-[used:USED]->(i:Identifier)
RETURN i.kind AS kind,
       i.key AS key,
       i.place AS place,
       i.degree - 1 AS others,
       i.bits AS bits,
       size(coalesce(used.days, [])) AS days,
       used.requests AS requests
ORDER BY bits DESC, kind, key
LIMIT 100
