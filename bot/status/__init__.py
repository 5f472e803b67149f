"""How the bot is, for those who look from outside: whether it lives, what it awaits, figures."""
