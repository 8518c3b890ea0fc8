// Purpose: Returns the links of each of several accounts, most bits first, then by the other account.
// Params: $accounts (ids), $limit (for each account)
// Returns: of, account_a, account_b, bits, network, payment, content, timing, device, profile, grade,
//   first_seen, last_seen
// Mode: read
// Needs: core
MATCH (one:Account)
WHERE one.id IN $accounts
CALL (one) {
  MATCH (one)-[linked:LINKED]-(other:Account)
  RETURN linked, other
  ORDER BY linked.bits DESC, other.id
  LIMIT $limit
}
WITH one, linked, other, startNode(linked) AS a, endNode(linked) AS b
RETURN one.id AS of,
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
ORDER BY of, bits DESC, other.id
