"""Backup and restore: everything that outlives the bot, in one file, for either database."""
