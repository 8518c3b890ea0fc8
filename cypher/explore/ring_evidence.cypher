// Purpose: Returns the 50 things that tell most of a ring: used by its accounts, and by few others. Of a large ring
//   the 200 accounts with most bits are asked.
// Params: $ring
// Returns: kind, key, place, inside (accounts of the ring that were asked), outside (other accounts), bits
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
WITH account
ORDER BY member.bits DESC, account.id
LIMIT 200
MATCH (account)-[:USED]->(i:Identifier)
WITH i, count(*) AS inside
WHERE inside > 1
RETURN i.kind AS kind,
       i.key AS key,
       i.place AS place,
       inside AS inside,
       i.degree - inside AS outside,
       i.bits AS bits
ORDER BY inside * i.bits DESC, kind, key
LIMIT 50
