// Purpose: Returns accounts of a ring that were made after another one of it was last seen, and are linked
//   to it: who replaced whom.
// Params: $ring
// Returns: gone, last_seen, fresh, created_at, bits
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[:MEMBER_OF]-(gone:Account {status: 'terminated'})-[linked:LINKED]-(fresh:Account)-[:MEMBER_OF]->(:Ring {id: $ring})
WHERE fresh.status <> 'terminated'
  AND fresh.created_at >= gone.last_seen
RETURN gone.id AS gone,
       gone.last_seen AS last_seen,
       fresh.id AS fresh,
       fresh.created_at AS created_at,
       linked.bits AS bits
ORDER BY created_at, bits DESC, gone, fresh
LIMIT 100
