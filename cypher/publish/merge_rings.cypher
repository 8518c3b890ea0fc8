// Purpose: Merges rings by id, each with its operator and campaign; an empty name stands for none.
// Params: $rows (maps with the fields of a ring, in the order of id), $run
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MERGE (ring:Ring {id: row.ring_id})
SET ring.run = $run,
    ring.status = row.status,
    ring.size = row.size,
    ring.score = row.score,
    ring.first_seen = row.first_seen,
    ring.last_seen = row.last_seen,
    ring.facets = row.facets,
    ring.context = row.context,
    ring.requests = row.requests
WITH ring, row
CALL (ring) {
  MATCH (ring)-[old:RUN_BY|WORKS_FOR]->()
  DELETE old
}
CALL (ring, row) {
  WITH ring, row
  WHERE row.operator_id <> ''
  MERGE (operator:Operator {id: row.operator_id})
  MERGE (ring)-[:RUN_BY]->(operator)
}
CALL (ring, row) {
  WITH ring, row
  WHERE row.campaign_id <> ''
  MERGE (campaign:Campaign {id: row.campaign_id})
  MERGE (ring)-[:WORKS_FOR]->(campaign)
}
RETURN count(*) AS rows
