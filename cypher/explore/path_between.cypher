// Purpose: Returns a shortest chain of links between two accounts, of at most four: how one leads to the
//   other.
// Params: $a, $b (account ids)
// Returns: path, links, weakest (bits of its weakest link)
// Mode: read
// Needs: core
MATCH path = ANY SHORTEST (:Account {id: $a})-[:LINKED]-{1,4}(:Account {id: $b})
RETURN path AS path,
       length(path) AS links,
       reduce(least = 1000.0, linked IN relationships(path) | CASE WHEN linked.bits < least THEN linked.bits ELSE least END) AS weakest
ORDER BY links
LIMIT 1
