// Purpose: Returns how many identifiers of a kind are used by more than one account, and how many of these
//   have no, only or some accounts labelled abuse. Of more than 100,000 the rarest are counted.
// Params: $kind
// Returns: shared, without_label, only_labelled, some_labelled
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.kind = $kind AND i.degree > 1
WITH i
ORDER BY i.kind, i.degree, i.key
LIMIT 100000
MATCH (i)<-[:USED]-(account:Account)
WITH i, count(account) AS accounts, count(CASE WHEN account.label = 'abuse' THEN 1 END) AS labelled
RETURN count(*) AS shared,
       count(CASE WHEN labelled = 0 THEN 1 END) AS without_label,
       count(CASE WHEN labelled = accounts THEN 1 END) AS only_labelled,
       count(CASE WHEN 0 < labelled < accounts THEN 1 END) AS some_labelled
