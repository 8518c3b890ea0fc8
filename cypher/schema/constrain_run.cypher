// Purpose: Makes the id of a Run unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_run IF NOT EXISTS
FOR (node:Run)
REQUIRE node.id IS UNIQUE
