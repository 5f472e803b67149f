"""The book of the ledger: everything that can be read and written in one transaction."""

from bot.studio.book.book import Book
from bot.studio.book.pages import Clock, utc_now

__all__ = ["Book", "Clock", "utc_now"]
