// Purpose: Returns the 50 payment instruments that say most when two accounts share them.
// Params: none
// Returns: key, accounts (how many use it), bits, ids (the first ten of them)
// Mode: read
// Needs: core
MATCH (payment:Payment)
WHERE payment.degree > 1
WITH payment
ORDER BY payment.bits DESC, payment.key
LIMIT 50
MATCH (payment)<-[:USED]-(account:Account)
WITH payment, account
ORDER BY account.id
WITH payment, count(account) AS accounts, collect(account.id)[0..10] AS ids
RETURN payment.key AS key,
       accounts AS accounts,
       payment.bits AS bits,
       ids AS ids
ORDER BY bits DESC, key
LIMIT 50
