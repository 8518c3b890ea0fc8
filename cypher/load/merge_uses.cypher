// Purpose: Merges uses between accounts and identifiers that are already there; a row without both is not
//   counted.
// Params: $rows (maps with the columns of the graph's uses, in the order of account_id and key; times as
//   seconds since 1970, lists as text joined by semicolons)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (account:Account {id: row.account_id})
MATCH (identifier:Identifier {key: row.key})
MERGE (account)-[used:USED]->(identifier)
SET used.days = [day IN split(row.days, ';') | toInteger(day)],
    used.requests = row.requests,
    used.first_seen = row.first_seen,
    used.last_seen = row.last_seen
RETURN count(*) AS rows
