// Purpose: Removes uses that are too old to be kept; one that is not there is not counted.
// Params: $rows (maps: account_id, key)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (:Account {id: row.account_id})-[used:USED]->(:Identifier {key: row.key})
DELETE used
RETURN count(*) AS rows
