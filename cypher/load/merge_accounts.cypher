// Purpose: Merges accounts by id and sets all that is known of them; what is no longer known goes.
// Params: $rows (maps with the columns of the graph's accounts, in the order of id; times as ISO 8601 text,
//   lists as text joined by semicolons)
// Returns: rows (how many were merged)
// Mode: write
// Needs: core
UNWIND $rows AS row
MERGE (account:Account {id: row.id})
SET account.created_at = datetime(row.created_at),
    account.status = row.status,
    account.plan = row.plan,
    account.country = row.country,
    account.email_domain = row.email_domain,
    account.organization = row.organization,
    account.label = row.label,
    account.first_seen = datetime(row.first_seen),
    account.last_seen = datetime(row.last_seen),
    account.requests = row.requests,
    account.starts = [minute IN split(row.starts, ';') | toInteger(minute)],
    account.breadth = [bits IN split(row.breadth, ';') | toFloat(bits)]
RETURN count(*) AS rows
