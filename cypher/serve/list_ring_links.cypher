// Purpose: Returns the links between accounts of each of several rings.
// Params: $rings (ids), $limit (for each ring)
// Returns: ring_id, account_a, account_b, bits, network, payment, content, timing, device, profile, grade,
//   first_seen, last_seen
// Mode: read
// Needs: core
MATCH (ring:Ring)
WHERE ring.id IN $rings
CALL (ring) {
  MATCH (ring)<-[:MEMBER_OF]-(a:Account)-[linked:LINKED]->(b:Account)-[:MEMBER_OF]->(ring)
  RETURN a, b, linked
  ORDER BY a.id, b.id
  LIMIT $limit
}
RETURN ring.id AS ring_id,
       a.id AS account_a,
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
ORDER BY ring_id, account_a, account_b
