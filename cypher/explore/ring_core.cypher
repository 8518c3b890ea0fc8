// Purpose: Returns the 50 accounts that hold a ring together: those with most links inside.
// Params: $ring
// Returns: account, role, links (inside the ring), bits (of the strongest of them), requests
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)-[linked:LINKED]-(other:Account)-[:MEMBER_OF]->(:Ring {id: $ring})
WHERE member.role <> 'bystander'
RETURN account.id AS account,
       member.role AS role,
       count(linked) AS links,
       max(linked.bits) AS bits,
       account.requests AS requests
ORDER BY links DESC, bits DESC, account
LIMIT 50
