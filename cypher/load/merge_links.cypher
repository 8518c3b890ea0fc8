// Purpose: Merges links between accounts that are already there, stamped with the run; a row without both
//   is not counted.
// Params: $rows (maps with the columns of the graph's links; in the order of account_a and account_b), $run
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MATCH (a:Account {id: row.account_a})
MATCH (b:Account {id: row.account_b})
MERGE (a)-[linked:LINKED]->(b)
SET linked.bits = row.bits,
    linked.network = row.network,
    linked.payment = row.payment,
    linked.content = row.content,
    linked.timing = row.timing,
    linked.device = row.device,
    linked.profile = row.profile,
    linked.grade = row.grade,
    linked.first_seen = datetime(row.first_seen),
    linked.last_seen = datetime(row.last_seen),
    linked.run = $run
RETURN count(*) AS rows
