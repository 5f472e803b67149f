"""The history of the ledger's tables; `upgrade` brings a database to its newest page."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.studio.ledger.results import LedgerTooNew


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, within the transaction that is open on `connection`.

    Raises:
        LedgerTooNew: the database was written by a newer version of Atelier.
    """
    recognise(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def recognise(connection: Connection) -> None:
    """See that the tables are of this version or an older one, or that there are none yet.

    Raises:
        LedgerTooNew: the database was written by a newer version of Atelier.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    for revision in set(found) - known:
        raise LedgerTooNew(revision)


def _config() -> Config:
    config = Config()
    # A ConfigParser reads it: a % in the path would begin a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
