// Purpose: Returns the members of a ring whose links inside it stand on one facet only (3 bits or more).
// Params: $ring
// Returns: account, facet, links, bits (of the strongest)
// Mode: read
// Needs: core
MATCH (:Ring {id: $ring})<-[member:MEMBER_OF]-(account:Account)-[linked:LINKED]-(:Account)-[:MEMBER_OF]->(:Ring {id: $ring})
WHERE member.role <> 'bystander'
WITH account, linked,
     [facet IN ['network', 'payment', 'content', 'timing', 'device', 'profile'] WHERE linked[facet] >= 3] AS facets
UNWIND facets AS facet
WITH account, collect(DISTINCT facet) AS facets, count(DISTINCT linked) AS links, max(linked.bits) AS bits
WHERE size(facets) = 1
RETURN account.id AS account,
       facets[0] AS facet,
       links AS links,
       bits AS bits
ORDER BY bits, account
LIMIT 100
