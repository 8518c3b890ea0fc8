// Purpose: Returns the sealed values of identifiers that have one.
// Params: $keys
// Returns: key, value
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.key IN $keys
WITH i.key AS key, properties(i) AS known
WHERE known.sealed IS NOT NULL
RETURN key AS key,
       known.sealed AS value
ORDER BY key
