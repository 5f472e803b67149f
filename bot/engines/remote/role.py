"""A database role for workers: it sees jobs and their pictures, and nothing that people wrote."""

import secrets
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bot.engines.remote.link import Connection, conninfo

DEFAULT_NAME: Final = "atelier_worker"

_GRANTS: Final = {
    "procrastinate_jobs": "SELECT, UPDATE",
    "procrastinate_events": "INSERT",
    "procrastinate_workers": "SELECT, INSERT, UPDATE, DELETE",
    "workers": "SELECT, INSERT, UPDATE",
    "worker_pictures": "SELECT",
    "worker_progress": "SELECT, INSERT, UPDATE",
    "worker_results": "SELECT, INSERT",
}


class RoleError(Exception):
    """The role cannot be made; the text says why and what to do, in one line."""


async def make_role(url: str, name: str = DEFAULT_NAME) -> str:
    """Make the role, or give the one that there is a new password and what it needs by now.

    Args:
        url: the ledger's SQLAlchemy URL, with a user who may make roles.
        name: the role's.

    Returns:
        The DATABASE_URL for workers; it holds the password, which is kept nowhere.

    Raises:
        RoleError: the database cannot be reached, or this cannot be done in it.
    """
    if make_url(url).get_backend_name() != "postgresql":
        raise RoleError(
            "DATABASE_URL is not PostgreSQL's: workers meet their bot there, not in an SQLite file."
        )
    password = secrets.token_urlsafe(24)
    try:
        async with await psycopg.AsyncConnection.connect(conninfo(url)) as connection:
            await _make(connection, name, password)
    except psycopg.errors.InsufficientPrivilege as error:
        raise RoleError(
            "DATABASE_URL: its user may not make roles or grant them anything "
            f"({error.diag.message_primary}): give a superuser's here, just for this."
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise RoleError(
            "DATABASE_URL: the ledger has no tables for workers yet: start the bot once."
        ) from error
    except psycopg.Error as error:
        raise RoleError(f"DATABASE_URL: the role cannot be made ({error}).") from error
    worker = make_url(url).set(drivername="postgresql", username=name, password=password)
    return worker.render_as_string(hide_password=False)


async def _make(connection: Connection, name: str, password: str) -> None:
    role = sql.Identifier(name)
    # The server, and its log, get to see a hash.
    hashed = connection.pgconn.encrypt_password(password.encode(), name.encode()).decode()
    known = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = sql.SQL("CREATE" if await known.fetchone() is None else "ALTER")
    await connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(hashed))
    )
    database = connection.info.dbname
    await connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role)
    )
    for table, rights in _GRANTS.items():
        await connection.execute(
            sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), sql.Identifier(table), role)
        )
    await connection.execute(
        sql.SQL("GRANT USAGE ON SEQUENCE procrastinate_events_id_seq TO {}").format(role)
    )
