// Purpose: Makes the id of a RingEvent unique, with the index that every merge and look-up by it uses.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE CONSTRAINT linkage_ring_event IF NOT EXISTS
FOR (node:RingEvent)
REQUIRE node.id IS UNIQUE
