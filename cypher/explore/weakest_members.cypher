// Purpose: Returns the 50 members of a ring with the least evidence: look at these before you act on the
//   ring.
// Params: $ring
// Returns: account, bits, weakest (the supporting facet with the fewest bits), links (inside the ring),
//   label, organization
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
WHERE member.role <> 'bystander'
WITH account, member
ORDER BY member.bits, account.id
LIMIT 50
RETURN account.id AS account,
       member.bits AS bits,
       member.weakest_facet AS weakest,
       COUNT { (account)-[:LINKED]-(:Account)-[:MEMBER_OF]->(:Ring {id: $ring}) } AS links,
       account.label AS label,
       account.organization AS organization
ORDER BY bits, account
LIMIT 50
