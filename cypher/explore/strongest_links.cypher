// Purpose: Returns the 25 strongest links of an account.
// Params: $account
// Returns: other, bits, grade, network, payment, content, timing, device, profile, ring (of the other
//   account)
// Mode: read
// Needs: core
MATCH (:Account {id: $account})-[linked:LINKED]-(other:Account)
RETURN other.id AS other,
       linked.bits AS bits,
       linked.grade AS grade,
       linked.network AS network,
       linked.payment AS payment,
       linked.content AS content,
       linked.timing AS timing,
       linked.device AS device,
       linked.profile AS profile,
       head([(other)-[:MEMBER_OF]->(ring:Ring) | ring.id]) AS ring
ORDER BY bits DESC, other
LIMIT 25
