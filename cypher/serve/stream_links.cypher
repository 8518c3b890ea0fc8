// Purpose: Returns all links in the order of the two ids, along the index on ids, so that nothing is sorted
//   as a whole; times in microseconds since 1970.
// Params: none
// Returns: account_a, account_b, bits, network, payment, content, timing, device, profile, grade,
//   first_seen, last_seen
// Mode: read
// Needs: core
MATCH (a:Account)-[linked:LINKED]->(b:Account)
USING INDEX a:Account(id)
WHERE a.id >= ''
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
       linked.first_seen.epochSeconds * 1000000 + linked.first_seen.microsecond AS first_seen,
       linked.last_seen.epochSeconds * 1000000 + linked.last_seen.microsecond AS last_seen
ORDER BY account_a, account_b
