// Purpose: Returns identifiers by their keys.
// Params: $keys
// Returns: key, kind, facet, place, degree, bits, first_seen, last_seen
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.key IN $keys
RETURN i.key AS key,
       i.kind AS kind,
       i.facet AS facet,
       i.place AS place,
       i.degree AS degree,
       i.bits AS bits,
       i.first_seen AS first_seen,
       i.last_seen AS last_seen
ORDER BY key
