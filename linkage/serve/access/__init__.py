"""Who asks and what they may read: API keys and tokens to a principal, a role's fields, and the audit log."""
