// Purpose: Returns active rings of which some accounts are banned and others still work: heads that grow
//   again.
// Params: none
// Returns: ring, terminated, working, score
// Mode: read
// Needs: core
MATCH (ring:Ring {status: 'active'})<-[member:MEMBER_OF]-(account:Account)
WHERE member.role <> 'bystander'
WITH ring,
     count(CASE WHEN account.status = 'terminated' THEN 1 END) AS terminated,
     count(CASE WHEN account.status <> 'terminated' THEN 1 END) AS working
WHERE terminated > 0
  AND working > 0
RETURN ring.id AS ring,
       terminated AS terminated,
       working AS working,
       ring.score AS score
ORDER BY working DESC, ring
LIMIT 50
