"""The history of the ledger's tables; `upgrade` brings a database to its newest page."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.studio.ledger.results import LedgerError


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, within the transaction that is open on `connection`.

    Raises:
        LedgerError: the database was written by a newer version of Atelier.
    """
    config = Config()
    # A ConfigParser reads it: a % in the path would begin a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerError(f"the ledger cannot be brought up to date: {error}") from error
