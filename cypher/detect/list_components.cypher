// Purpose: Returns the component of every account with a link of grade behaviour, without graph algorithms:
//   an account that reaches no smaller id is the first of its component, and the component is what it
//   reaches.
// Params: none
// Returns: account_id, component (the smallest account id in it)
// Mode: read
// Needs: core
MATCH (root:Account)
WHERE EXISTS {
  MATCH (root)-[:LINKED {grade: 'behaviour'}]-()
}
AND NOT EXISTS {
  MATCH (root)-[:LINKED*1.. {grade: 'behaviour'}]-(other:Account)
  WITH DISTINCT other
  WHERE other.id < root.id
  RETURN other
}
MATCH (root)-[:LINKED*0.. {grade: 'behaviour'}]-(account:Account)
WITH DISTINCT root, account
RETURN account.id AS account_id, root.id AS component
ORDER BY account_id
