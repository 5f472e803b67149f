"""The style pictures that ship with Atelier, and the host's own."""

from bot.gallery.styles import Gallery, Style, normalised

__all__ = ["Gallery", "Style", "normalised"]
