// Purpose: Returns the identifiers that at least two of the accounts used; times in microseconds since
//   1970.
// Params: $ids
// Returns: the columns of the graph's identifiers
// Mode: read
// Needs: core
MATCH (account:Account)-[:USED]->(i:Identifier)
WHERE account.id IN $ids
WITH i, count(account) AS users
WHERE users > 1
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
