// Purpose: Removes up to $limit identifiers that nobody uses any more, and prompts of one account, which are no
//   nodes; it is run again until none is left.
// Params: $limit (most identifiers of one transaction)
// Returns: rows (how many were removed)
// Mode: write
// Needs: core
MATCH (identifier:Identifier)
WHERE NOT EXISTS { (identifier)<-[:USED]-() }
  OR (identifier.kind = 'prompt' AND COUNT { (identifier)<-[:USED]-() } < 2)
WITH identifier
LIMIT $limit
DETACH DELETE identifier
RETURN count(*) AS rows
