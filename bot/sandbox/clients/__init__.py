"""What people can do in Telegram with its apps, for scripts: nothing here is the bot's."""
