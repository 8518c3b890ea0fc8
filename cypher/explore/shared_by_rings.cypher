// Purpose: Returns the 50 rarest things that accounts of both rings used.
// Params: $a, $b (ring ids)
// Returns: kind, key, place, in_a (accounts of the first), in_b (of the second), accounts (of all), bits
// Mode: read
// Needs: core
MATCH (:Ring {id: $a})<-[:MEMBER_OF]-(account:Account)-[:USED]->(i:Identifier)
WITH i, count(DISTINCT account) AS in_a
MATCH (i)<-[:USED]-(account:Account)-[:MEMBER_OF]->(:Ring {id: $b})
WITH i, in_a, count(DISTINCT account) AS in_b
RETURN i.kind AS kind,
       i.key AS key,
       i.place AS place,
       in_a AS in_a,
       in_b AS in_b,
       i.degree AS accounts,
       i.bits AS bits
ORDER BY bits DESC, kind, key
LIMIT 50
