// Purpose: Returns a ring as a graph for Browser: its accounts and the 300 strongest links among them. Of a large ring
//   the 200 accounts with most bits are drawn.
// Params: $ring
// Returns: a, linked, b
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
WITH account
ORDER BY member.bits DESC, account.id
LIMIT 200
WITH collect(account) AS drawn
UNWIND drawn AS a
MATCH (a)-[linked:LINKED]->(b:Account)
WHERE b IN drawn
RETURN a AS a, linked AS linked, b AS b
ORDER BY linked.bits DESC, a.id, b.id
LIMIT 300
