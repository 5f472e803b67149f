"""The orders' life: the ledger that remembers, the dispatcher that decides, the courier that tells."""
