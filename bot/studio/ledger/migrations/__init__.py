"""The history of the ledger's tables; `upgrade` brings a database to its newest page."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.studio.ledger.results import LedgerTooNew


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to date, within the transaction that is open on `connection`.

    Args:
        connection: to the database.
        revision: how far; to the newest unless given.

    Raises:
        LedgerTooNew: the database was written by a newer version of Atelier.
    """
    recognise(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def recognise(connection: Connection) -> str | None:
    """See that the tables are of this version or an older one, or that there are none yet.

    Returns:
        Their revision; None if there are none.

    Raises:
        LedgerTooNew: the database was written by a newer version of Atelier.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None:
        insist_on_known(found)
    return found


def insist_on_known(revision: str) -> None:
    """See that a revision is of this version or an older one.

    Raises:
        LedgerTooNew: it is not.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise LedgerTooNew(revision)


def _config() -> Config:
    config = Config()
    # A ConfigParser reads it: a % in the path would begin a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
