// Purpose: Returns the links that lead out of a ring to accounts of other rings: two rings of one
//   operator, or one cut too finely.
// Params: $ring
// Returns: account, other, ring (of the other), bits, grade
// Mode: read
// Needs: core
MATCH (mine:Ring {id: $ring})<-[:MEMBER_OF]-(account:Account)-[linked:LINKED]-(other:Account)-[:MEMBER_OF]->(ring:Ring)
WHERE ring <> mine
RETURN account.id AS account,
       other.id AS other,
       ring.id AS ring,
       linked.bits AS bits,
       linked.grade AS grade
ORDER BY bits DESC, account, other, ring
LIMIT 100
