"""What the role for workers may see."""

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from bot.engines.remote.link import conninfo
from bot.engines.remote.role import RoleError, make_role
from bot.studio.ledger.tables import metadata
from tests.bot.engines.remote.conftest import Place
from tests.postgresql import Server


async def test_a_worker_sees_nothing_of_the_ledger(place: Place) -> None:
    assert make_url(place.worker_url).username == "worker_in_tests"
    async with await psycopg.AsyncConnection.connect(place.worker, autocommit=True) as connection:
        for table in metadata.tables:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(sql.SQL("TABLE {}").format(sql.Identifier(table)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("CREATE TABLE mine (id int)")


async def test_made_once_more_it_has_a_new_password(place: Place) -> None:
    again = await make_role(place.url, "worker_in_tests")
    assert make_url(again).password != make_url(place.worker_url).password
    assert make_url(again).set(password="") == make_url(place.worker_url).set(password="")


async def test_why_it_cannot_be_made_is_told(place: Place, server: Server) -> None:
    with pytest.raises(RoleError, match="its user may not make roles"):
        await make_role(place.worker_url)
    with pytest.raises(RoleError, match="start the bot once"):
        await make_role(server.url(await server.create()))
    with pytest.raises(RoleError, match="cannot be made"):
        await make_role(server.url("nowhere"))
    with pytest.raises(RoleError, match="not PostgreSQL's"):
        await make_role("sqlite+aiosqlite:///ledger.db")


@pytest.mark.parametrize(
    ("url", "libpq"),
    [
        ("postgresql+asyncpg://me:p%40ss@db:5433/atelier", {"host": "db", "port": "5433"}),
        ("postgresql+asyncpg://me@/atelier?host=/run/x", {"host": "/run/x"}),
        ("postgresql+asyncpg://me@db/atelier?ssl=require", {"sslmode": "require"}),
    ],
)
def test_the_bots_url_is_understood(url: str, libpq: dict[str, str]) -> None:
    made = psycopg.conninfo.conninfo_to_dict(conninfo(url))
    assert made["dbname"] == "atelier"
    assert libpq.items() <= made.items()
