// Purpose: Returns all decisions of analysts, by time.
// Params: none
// Returns: decision_id, version, ruling, accounts, ring_id, author, reason, at, expires, revoked, revoked_by
// Mode: read
// Needs: core
MATCH (verdict:Verdict)
RETURN verdict.id AS decision_id,
       verdict.version AS version,
       verdict.ruling AS ruling,
       verdict.accounts AS accounts,
       verdict.ring AS ring_id,
       verdict.by AS author,
       verdict.reason AS reason,
       verdict.at AS at,
       verdict.expires AS expires,
       verdict.revoked AS revoked,
       verdict.revoked_by AS revoked_by
ORDER BY at, decision_id
