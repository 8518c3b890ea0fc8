// Purpose: Returns the decisions of analysts that were not taken back and have not expired, the newest
//   first.
// Params: none
// Returns: ruling, ring, accounts (the first ten), by, reason, at, expires
// Mode: read
// Needs: core
MATCH (verdict:Verdict)
WHERE verdict.revoked IS NULL
  AND (verdict.expires IS NULL OR verdict.expires > datetime())
RETURN verdict.ruling AS ruling,
       verdict.ring AS ring,
       verdict.accounts[0..10] AS accounts,
       verdict.by AS by,
       verdict.reason AS reason,
       verdict.at AS at,
       verdict.expires AS expires
ORDER BY at DESC, ruling, ring
LIMIT 100
