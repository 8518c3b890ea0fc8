// Purpose: Makes the key of a Identifier unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_identifier IF NOT EXISTS
FOR (node:Identifier)
REQUIRE node.key IS UNIQUE
