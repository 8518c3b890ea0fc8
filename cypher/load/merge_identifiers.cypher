// Purpose: Merges identifiers by key, with the label of their kind, and sets all that is known of them.
// Params: $rows (maps with the columns of the graph's identifiers, and label; in the order of key)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MERGE (identifier:Identifier {key: row.key})
SET identifier:$(row.label),
    identifier.kind = row.kind,
    identifier.facet = row.facet,
    identifier.place = row.place,
    identifier.degree = row.degree,
    identifier.peak = row.peak,
    identifier.bits = row.bits,
    identifier.windowed = row.windowed,
    identifier.first_seen = datetime(row.first_seen),
    identifier.last_seen = datetime(row.last_seen)
RETURN count(*) AS rows
