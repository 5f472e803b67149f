"""Atelier's Telegram bot: two photos in, a painting out."""
