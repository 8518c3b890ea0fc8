// Purpose: Merges links between accounts that are already there, stamped with the run; a row without both
//   is not counted.
// Params: $rows (lists of account_a, account_b, grade and a text: the columns bits to profile of the graph's
//   links, first_seen and last_seen in seconds since 1970, joined by semicolons; in the order of account_a and
//   account_b), $run
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (a:Account {id: row[0]})
MATCH (b:Account {id: row[1]})
WITH a, b, row[2] AS grade, split(row[3], ';') AS figures
MERGE (a)-[linked:LINKED]->(b)
SET linked.bits = toFloat(figures[0]),
    linked.network = toFloat(figures[1]),
    linked.payment = toFloat(figures[2]),
    linked.content = toFloat(figures[3]),
    linked.timing = toFloat(figures[4]),
    linked.device = toFloat(figures[5]),
    linked.profile = toFloat(figures[6]),
    linked.grade = grade,
    linked.first_seen = CASE WHEN figures[7] <> '' THEN datetime({epochSeconds: toInteger(figures[7])}) END,
    linked.last_seen = CASE WHEN figures[8] <> '' THEN datetime({epochSeconds: toInteger(figures[8])}) END,
    linked.run = $run
RETURN count(*) AS rows
