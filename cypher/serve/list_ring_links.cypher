// Purpose: Returns the links between accounts of a ring.
// Params: $ring, $limit
// Returns: account_a, account_b, bits, network, payment, content, timing, device, profile, grade,
//   first_seen, last_seen
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[:MEMBER_OF]-(a:Account)-[linked:LINKED]->(b:Account)-[:MEMBER_OF]->(:Ring {id: $ring})
RETURN a.id AS account_a,
       b.id AS account_b,
       linked.bits AS bits,
       linked.network AS network,
       linked.payment AS payment,
       linked.content AS content,
       linked.timing AS timing,
       linked.device AS device,
       linked.profile AS profile,
       linked.grade AS grade,
       linked.first_seen AS first_seen,
       linked.last_seen AS last_seen
ORDER BY account_a, account_b
LIMIT $limit
