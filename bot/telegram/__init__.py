"""The one door to Telegram; it knows no ledger."""
