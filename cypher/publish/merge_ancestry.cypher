// Purpose: Merges what events say of two rings: MERGED_INTO, SPLIT_FROM or REVIVES, from the ring of the
//   event to the other.
// Params: $rows (maps: ring_id, other_ring_id, type)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (ring:Ring {id: row.ring_id})
MATCH (other:Ring {id: row.other_ring_id})
MERGE (ring)-[:$(row.type)]->(other)
RETURN count(*) AS rows
