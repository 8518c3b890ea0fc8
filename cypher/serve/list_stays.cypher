// Purpose: Returns who was in which ring in which role, from which run on and until which ('' for still).
// Params: none
// Returns: ring_id, account_id, role, from_run, until_run
// Mode: read
// Needs: core
MATCH (account:Account)-[stay:STAYED_IN]->(ring:Ring)
RETURN ring.id AS ring_id,
       account.id AS account_id,
       stay.role AS role,
       stay.from_run AS from_run,
       stay.until_run AS until_run
ORDER BY ring_id, account_id, from_run
