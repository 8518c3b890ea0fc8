// Purpose: Keeps a decision, if the version before it is the one that is kept; no row else.
// Params: $row (map with the fields of a decision)
// Returns: version
// Mode: write
// Needs: core
MERGE (verdict:Verdict {id: $row.decision_id})
SET verdict.version = coalesce(verdict.version, 0)
WITH verdict
WHERE verdict.version = $row.version - 1
SET verdict.version = $row.version,
    verdict.ruling = $row.ruling,
    verdict.accounts = $row.accounts,
    verdict.ring = $row.ring_id,
    verdict.by = $row.author,
    verdict.reason = $row.reason,
    verdict.at = $row.at,
    verdict.expires = $row.expires,
    verdict.revoked = $row.revoked,
    verdict.revoked_by = $row.revoked_by
WITH verdict
CALL (verdict) {
  MATCH (account:Account)
  WHERE account.id IN $row.accounts
  MERGE (verdict)-[:ON]->(account)
}
CALL (verdict) {
  MATCH (ring:Ring {id: $row.ring_id})
  MERGE (verdict)-[:ON]->(ring)
}
RETURN verdict.version AS version
