"""A page in the browser on which people talk with the bot in the sandbox, as in Telegram."""
