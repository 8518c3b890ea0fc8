// Purpose: Returns from what sort of place a ring comes: home, VPN, carrier NAT, office.
// Params: $ring
// Returns: place, accounts, addresses
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)-[:USED]->(ip:IP)
WHERE member.role <> 'bystander'
RETURN coalesce(ip.place, 'unknown') AS place,
       count(DISTINCT account) AS accounts,
       count(DISTINCT ip) AS addresses
ORDER BY accounts DESC, place
LIMIT 20
