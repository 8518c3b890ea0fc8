// Purpose: Makes the id of a Account unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_account IF NOT EXISTS
FOR (node:Account)
REQUIRE node.id IS UNIQUE
