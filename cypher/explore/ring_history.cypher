// Purpose: Returns what a ring was in each run, the newest first.
// Params: $ring
// Returns: run, status, accounts, score, context, requests
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[:VERSION_OF]-(version:RingVersion)
RETURN version.run AS run,
       version.status AS status,
       version.size AS accounts,
       version.score AS score,
       version.context AS context,
       version.requests AS requests
ORDER BY run DESC
LIMIT 100
