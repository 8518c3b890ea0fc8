// Purpose: Makes the name of a Current unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_current IF NOT EXISTS
FOR (node:Current)
REQUIRE node.name IS UNIQUE
