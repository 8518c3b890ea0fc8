// Purpose: Returns as a graph for Browser what an account shares with others: its ten rarest shared
//   things, and up to ten users of each.
// Params: $account
// Returns: account, used, thing, use, other
// Mode: read
// Needs: core
MATCH (account:Account {id: $account})-[used:USED]->(thing:Identifier)
WHERE thing.degree > 1
WITH account, used, thing
ORDER BY thing.bits DESC, thing.key
LIMIT 10
CALL (account, thing) {
  MATCH (thing)<-[use:USED]-(other:Account)
  WHERE other <> account
  RETURN use AS use, other AS other
  ORDER BY other.id
  LIMIT 10
}
RETURN account AS account, used AS used, thing AS thing, use AS use, other AS other
ORDER BY thing.bits DESC, thing.key, other.id
LIMIT 100
