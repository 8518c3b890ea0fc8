// Purpose: Merges memberships between accounts and rings that are already there; a row without both is not
//   counted.
// Params: $rows (maps with the fields of a member, in the order of ring_id and account_id)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (ring:Ring {id: row.ring_id})
MATCH (account:Account {id: row.account_id})
MERGE (account)-[member:MEMBER_OF]->(ring)
SET member.role = row.role,
    member.bits = row.bits,
    member.weakest_facet = row.weakest_facet,
    member.since = row.since
RETURN count(*) AS rows
