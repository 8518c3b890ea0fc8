// Purpose: Returns the days on which most accounts of a ring were made.
// Params: $ring
// Returns: day, accounts
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)
WHERE member.role <> 'bystander'
  AND account.created_at IS NOT NULL
RETURN date(account.created_at) AS day,
       count(account) AS accounts
ORDER BY accounts DESC, day
LIMIT 50
