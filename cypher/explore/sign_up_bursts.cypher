// Purpose: Returns the days on which most accounts of one ring were made, over all active rings.
// Params: none
// Returns: day, ring, accounts, size (of the ring)
// Mode: read
// Needs: core
MATCH (ring:Ring {status: 'active'})<-[member:MEMBER_OF]-(account:Account)
WHERE member.role <> 'bystander'
  AND account.created_at IS NOT NULL
WITH date(account.created_at) AS day, ring, count(account) AS accounts
WHERE accounts > 1
RETURN day AS day,
       ring.id AS ring,
       accounts AS accounts,
       ring.size AS size
ORDER BY accounts DESC, day, ring
LIMIT 50
