"""One module for each step of the ledger's history."""
