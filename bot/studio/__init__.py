"""The orders' life: the ledger remembers, the dispatcher decides, the courier tells."""
