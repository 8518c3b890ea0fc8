// Purpose: Merges accounts by id and sets all that is known of them; what is no longer known goes.
// Params: $rows (maps with the columns of the graph's accounts; times as ISO 8601 text, in the order of id)
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
    account.starts = row.starts,
    account.breadth = row.breadth
RETURN count(*) AS rows
