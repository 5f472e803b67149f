"""Who talks to the bot in the sandbox, so that people can watch it without an account."""
