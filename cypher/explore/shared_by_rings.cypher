// Purpose: Returns the 50 rarest things that accounts of both rings used. Of a large ring the 100 accounts with most
//   bits are asked.
// Params: $a, $b (ring ids)
// Returns: kind, key, place, in_a, in_b (accounts of each that were asked), accounts (that used it in all), bits
// Mode: read
// Needs: core
CALL () {
  MATCH (:Ring {id: $a})<-[member:MEMBER_OF]-(account:Account)
  WITH account
  ORDER BY member.bits DESC, account.id
  LIMIT 100
  MATCH (account)-[:USED]->(i:Identifier)
  RETURN i, count(*) AS of_a, 0 AS of_b
  UNION ALL
  MATCH (:Ring {id: $b})<-[member:MEMBER_OF]-(account:Account)
  WITH account
  ORDER BY member.bits DESC, account.id
  LIMIT 100
  MATCH (account)-[:USED]->(i:Identifier)
  RETURN i, 0 AS of_a, count(*) AS of_b
}
WITH i, sum(of_a) AS in_a, sum(of_b) AS in_b
WHERE in_a > 0 AND in_b > 0
RETURN i.kind AS kind,
       i.key AS key,
       i.place AS place,
       in_a AS in_a,
       in_b AS in_b,
       i.degree AS accounts,
       i.bits AS bits
ORDER BY bits DESC, kind, key
LIMIT 50
