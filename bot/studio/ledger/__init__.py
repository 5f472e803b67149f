"""The only truth: orders, drafts, pictures, updates, and the outbox of all that must be told."""
