"""The page `docs/conversation.md`, made by talking with the real bot."""
