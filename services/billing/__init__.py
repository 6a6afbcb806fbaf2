"""Credits: the ledger, holds, budgets, plans and statements. What something costs is its provider's to say."""
