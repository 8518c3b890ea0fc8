// Purpose: Returns those of some identifiers that are held; times in microseconds since 1970.
// Params: $keys
// Returns: the columns of the graph's identifiers
// Mode: read
// Needs: core
MATCH (i:Identifier)
WHERE i.key IN $keys
RETURN i.key AS key,
       i.kind AS kind,
       i.facet AS facet,
       i.place AS place,
       i.degree AS degree,
       i.peak AS peak,
       i.bits AS bits,
       i.windowed AS windowed,
       i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
       i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen
ORDER BY key
