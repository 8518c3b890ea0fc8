// Purpose: Makes the id of a Ring unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_ring IF NOT EXISTS
FOR (node:Ring)
REQUIRE node.id IS UNIQUE
