// Purpose: Keeps sealed values beside identifiers; those of unknown ones are passed over.
// Params: $rows (maps with key and value, in bytes)
// Returns: rows (how many were kept)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
SET i.sealed = row.value
RETURN count(*) AS rows
