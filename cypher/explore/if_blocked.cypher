// Purpose: Returns what it would hit to block a thing: accounts and requests of each ring, and of accounts
//   in none.
// Params: $key
// Returns: ring (empty for accounts in none), accounts, requests
// Mode: read
// Needs: core
MATCH (:Identifier {key: $key})<-[used:USED]-(account:Account)
OPTIONAL MATCH (account)-[member:MEMBER_OF]->(ring:Ring)
WHERE member.role <> 'bystander'
RETURN coalesce(ring.id, '') AS ring,
       count(account) AS accounts,
       sum(used.requests) AS requests
ORDER BY accounts DESC, ring
LIMIT 50
