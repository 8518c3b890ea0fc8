// Purpose: Indexes identifiers by kind and degree, so that the most used of a kind are found at once.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE INDEX linkage_identifier_degree IF NOT EXISTS
FOR (node:Identifier)
ON (node.kind, node.degree)
