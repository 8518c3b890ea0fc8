// Purpose: Makes the id of a Operator unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_operator IF NOT EXISTS
FOR (node:Operator)
REQUIRE node.id IS UNIQUE
