// Purpose: Returns who was in a ring after a run: core, member, bystander; then by account.
// Params: $ring, $run
// Returns: ring_id, account_id, role, from_run, until_run
// Mode: read
// Needs: core
MATCH (ring:Ring {id: $ring})<-[stay:STAYED_IN]-(account:Account)
WHERE stay.from_run <= $run
  AND (stay.until_run = '' OR stay.until_run > $run)
RETURN ring.id AS ring_id,
       account.id AS account_id,
       stay.role AS role,
       stay.from_run AS from_run,
       stay.until_run AS until_run
ORDER BY CASE role WHEN 'core' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, account_id
