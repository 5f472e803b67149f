"""`python -m bot worker` as its host starts it, and what keeps it from its work."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import worker
from bot.engines.devices import Device
from bot.engines.protocol import Finished, Job
from bot.engines.remote.link import conninfo
from bot.settings import Settings
from bot.worker import WorkerError, WorkerSettings
from tests.bot.databases import Postgresql, make_tables
from tests.bot.engines.remote.working import local, paint, remote
from tests.bot.engines.test_real_engine import picture
from tests.bot.outages import until_said
from tests.postgresql import Server

ROOT = Path(__file__).parents[2]


def settings(**values: object) -> WorkerSettings:
    return WorkerSettings.model_validate(values)


def environment(**values: str) -> dict[str, str]:
    known = {name.upper() for name in Settings.model_fields}
    own = {name: value for name, value in os.environ.items() if name.upper() not in known}
    return {**own, "PYTHONPATH": str(ROOT), **values}


async def bot(folder: Path, command: str, **values: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        cwd=folder,
        env=environment(**values),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_a_role_is_made_and_its_worker_paints(tmp_path: Path, postgresql: Postgresql) -> None:
    async with postgresql.fresh() as url:
        token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-"
        made = await bot(tmp_path, "worker-role", DATABASE_URL=url, TELEGRAM_BOT_TOKEN=token)
        out, _ = await made.communicate()
        name, _, worker_url = out.decode().splitlines()[1].partition("=")
        assert name == "DATABASE_URL"
        working = await bot(tmp_path, "worker", DATABASE_URL=worker_url, ENGINE_DEVICES="cpu")
        try:
            async with remote(conninfo(url)) as (engine,):
                job = Job(
                    order_id=1,
                    epoch=1,
                    content=picture(1, 120, 80),
                    styles=(picture(2, 90, 90),),
                    size=48,
                    iterations=4,
                )
                async with asyncio.timeout(120):
                    await engine.start()
                assert engine.name == f"CPU on {socket.gethostname()}"
                last = (await paint(engine, job))[-1]
            assert isinstance(last, Finished)
            assert (last.width, last.height) == (48, 32)
            working.send_signal(signal.SIGTERM)
            _, err = await working.communicate()
            assert working.returncode == 0, err.decode()
        finally:
            with contextlib.suppress(ProcessLookupError):
                working.kill()
            await working.wait()
    # It leaves nothing on the disk.
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


@pytest.mark.parametrize(
    ("values", "painters", "says"),
    [
        ({}, [Device()], r"^DATABASE_URL is not PostgreSQL's: .* `python -m bot worker-role`"),
        ({"database_url": "sqlite:///l.db"}, [Device()], r"^DATABASE_URL is not PostgreSQL's: "),
        ({"database_url": "postgresql://me@host/db"}, [], r"^ENGINE_DEVICES is none: "),
    ],
)
async def test_what_a_worker_needs_is_told(
    values: dict[str, str], painters: list[Device], says: str
) -> None:
    with pytest.raises(WorkerError, match=says):
        await worker.serve(settings(**values), painters)


async def test_a_database_that_does_not_let_it_in_is_told(server: Server) -> None:
    url = server.url("nowhere")
    with pytest.raises(WorkerError, match=r"^DATABASE_URL: the ledger in nowhere .*not exist"):
        await worker.serve(settings(database_url=url), [Device()])


async def test_a_database_that_refuses_its_work_is_told(server: Server) -> None:
    url = server.url(await server.create())
    await make_tables(url)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP FUNCTION procrastinate_register_worker_v1"))
    await engine.dispose()
    refused = r"^DATABASE_URL: the database refuses .*procrastinate_register_worker_v1"
    with pytest.raises(WorkerError, match=refused):
        await worker.paint(conninfo(url), {"CPU on here": local()}, asyncio.Event())


async def test_a_bot_that_has_not_made_its_tables_yet_is_waited_for(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    url = server.url(await server.create())
    meeting = asyncio.create_task(worker._meet(settings(database_url=url)))
    await until_said(caplog, "There is no bot to work for yet")
    await make_tables(url)
    async with asyncio.timeout(30):
        await meeting
    assert "There is a bot, after" in caplog.text
