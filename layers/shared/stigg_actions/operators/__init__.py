"""List the operations of the ledger and replay one of them, for operators."""
