// Purpose: Counts what the store holds of accounts and identifiers that are to be erased.
// Params: $accounts (ids), $keys (keys of identifiers)
// Returns: accounts, identifiers, uses, links, memberships, stays
// Mode: read
// Needs: core
CALL () {
  MATCH (account:Account)
  WHERE account.id IN $accounts
  RETURN count(*) AS accounts
}
CALL () {
  MATCH (identifier:Identifier)
  WHERE identifier.key IN $keys
  RETURN count(*) AS identifiers
}
CALL () {
  CALL () {
    MATCH (account:Account)-[used:USED]->()
    WHERE account.id IN $accounts
    RETURN used
    UNION
    MATCH ()-[used:USED]->(identifier:Identifier)
    WHERE identifier.key IN $keys
    RETURN used
  }
  RETURN count(used) AS uses
}
CALL () {
  MATCH (account:Account)-[linked:LINKED]-()
  WHERE account.id IN $accounts
  RETURN count(DISTINCT linked) AS links
}
CALL () {
  MATCH (account:Account)-[member:MEMBER_OF]->()
  WHERE account.id IN $accounts
  RETURN count(*) AS memberships
}
CALL () {
  MATCH (account:Account)-[stay:STAYED_IN]->()
  WHERE account.id IN $accounts
  RETURN count(*) AS stays
}
RETURN accounts AS accounts,
  identifiers AS identifiers,
  uses AS uses,
  links AS links,
  memberships AS memberships,
  stays AS stays
