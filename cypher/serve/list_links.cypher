// Purpose: Returns the links of an account, most bits first, then by the other account.
// Params: $account, $limit
// Returns: account_a, account_b, bits, network, payment, content, timing, device, profile, grade,
//   first_seen, last_seen
// Mode: read
// Needs: core
MATCH (one:Account {id: $account})-[linked:LINKED]-(other:Account)
WITH linked, startNode(linked) AS a, endNode(linked) AS b, other
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
ORDER BY bits DESC, other.id
LIMIT $limit
