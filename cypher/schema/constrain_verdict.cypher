// Purpose: Makes the id of a Verdict unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_verdict IF NOT EXISTS
FOR (node:Verdict)
REQUIRE node.id IS UNIQUE
