// Purpose: Makes the id of a Campaign unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_campaign IF NOT EXISTS
FOR (node:Campaign)
REQUIRE node.id IS UNIQUE
