// Purpose: Returns the sealed values of identifiers that have one.
// Params: $keys
// Returns: key, value
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.key IN $keys AND i['sealed'] IS NOT NULL
RETURN i.key AS key,
       i['sealed'] AS value
ORDER BY key
