// Purpose: Returns an account as a graph for Browser: its strongest links and the accounts behind them.
// Params: $account
// Returns: a, linked, b
// Mode: read
// Needs: core
MATCH (a:Account {id: $account})-[linked:LINKED]-(b:Account)
RETURN a AS a, linked AS linked, b AS b
ORDER BY linked.bits DESC, b.id
LIMIT 100
