// Purpose: Makes the id of a RingVersion unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_ring_version IF NOT EXISTS
FOR (node:RingVersion)
REQUIRE node.id IS UNIQUE
