// Purpose: Returns from what sort of place a ring comes: home, VPN, carrier NAT, office. Of a large ring the 200
//   accounts with most bits are asked.
// Params: $ring
// Returns: place, accounts, addresses
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
WHERE member.role <> 'bystander'
WITH account
ORDER BY member.bits DESC, account.id
LIMIT 200
MATCH (account)-[:USED]->(ip:IP)
RETURN coalesce(ip.place, 'unknown') AS place,
       count(DISTINCT account) AS accounts,
       count(DISTINCT ip) AS addresses
ORDER BY accounts DESC, place
LIMIT 20
