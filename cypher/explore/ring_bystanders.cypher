// Purpose: Returns who uses a ring's infrastructure without its behaviour: honest customers of a proxy,
//   above all. They are never acted on.
// Params: $ring
// Returns: account, bits, requests, label, organization
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF {role: 'bystander'}]-(account:Account)
RETURN account.id AS account,
       member.bits AS bits,
       account.requests AS requests,
       account.label AS label,
       account.organization AS organization
ORDER BY bits DESC, account
LIMIT 100
