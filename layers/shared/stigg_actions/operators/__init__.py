"""What operators can do with the ledger: list operations, and run one again."""
