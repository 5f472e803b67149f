import asyncio
import os
import time
from pathlib import Path

import pytest
from aiohttp import web

from bot import health
from bot.health import STALE_SECONDS, Sign, State, beating, main, report
from bot.http_server import serving
from bot.listen_address import ListenAddress


async def until(data_dir: Path, sentence: str) -> None:
    async with asyncio.timeout(20):
        while report(data_dir) != (True, sentence):  # noqa: ASYNC110 (a file wakes nobody)
            await asyncio.sleep(0.01)


async def test_the_sign_says_what_the_bot_is_about_and_goes_with_it(tmp_path: Path) -> None:
    sign = Sign(tmp_path)
    async with beating(sign):
        await until(tmp_path, "The bot is starting.")
        sign.say(State.WAITING_FOR_TELEGRAM)
        await until(tmp_path, "The bot waits for Telegram.")
        sign.say(State.AT_WORK)
        await until(tmp_path, "The bot is at work.")
    assert report(tmp_path) == (False, "The bot is not running.")


async def test_an_interruption_hides_what_else_the_bot_is_about(tmp_path: Path) -> None:
    sign = Sign(tmp_path)
    async with beating(sign):
        sign.interrupt(State.WAITING_FOR_DATABASE)
        await until(tmp_path, "The bot waits for its database.")
        sign.say(State.AT_WORK)
        await until(tmp_path, "The bot waits for its database.")
        sign.interrupt(None)
        await until(tmp_path, "The bot is at work.")


async def test_the_sign_is_renewed_and_comes_back_if_it_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "BEAT_SECONDS", 0.01)
    async with beating(Sign(tmp_path)):
        await until(tmp_path, "The bot is starting.")
        os.utime(tmp_path / "alive", (0, 0))
        await until(tmp_path, "The bot is starting.")
        (tmp_path / "alive").unlink()
        await until(tmp_path, "The bot is starting.")


async def test_a_disk_that_takes_nothing_ends_no_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "BEAT_SECONDS", 0.01)
    data_dir = tmp_path / "data"
    async with beating(Sign(data_dir)):
        async with asyncio.timeout(20):
            while "cannot be renewed" not in caplog.text:  # noqa: ASYNC110 (a log wakes nobody)
                await asyncio.sleep(0.01)
        data_dir.mkdir()
        await until(data_dir, "The bot is starting.")
    assert caplog.text.count("cannot be renewed") == 1


def test_a_stuck_bot_is_told_from_one_that_does_not_run(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    sign.write_text(State.WAITING_FOR_TELEGRAM)
    long_ago = time.time() - 3 * STALE_SECONDS
    os.utime(sign, (long_ago, long_ago))
    alive, sentence = report(tmp_path)
    assert not alive
    assert sentence.startswith("The bot has not stirred for 1")
    assert sentence.endswith("before, it said: waits for Telegram.")


def test_a_directory_that_cannot_be_looked_into_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert report(tmp_path / "file") == (
        False,
        f"DATA_DIR {tmp_path / 'file'} cannot be looked into (Not a directory).",
    )


@pytest.mark.parametrize(
    ("variable", "in_file", "folder"),
    [("here", "DATA_DIR=there", "here"), ("", "DATA_DIR='there'", "there"), ("", "", "data")],
)
def test_the_command_looks_where_the_settings_say(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    in_file: str,
    folder: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", variable)
    (tmp_path / ".env").write_text(f"{in_file}\n")
    assert main() == 1
    assert capsys.readouterr() == ("", "The bot is not running.\n")
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "alive").write_text(State.AT_WORK)
    assert main() == 0
    assert capsys.readouterr() == ("The bot is at work.\n", "")


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", ".")
    (tmp_path / "alive").write_text(State.AT_WORK)


@pytest.mark.usefixtures("at_work")
async def test_the_command_asks_the_page_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [(200, "The bot is at work.\n"), (503, "The bot waits for an engine.\n")]

    async def readyz(_request: web.Request) -> web.Response:
        status, text = answers.pop(0)
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    async with serving(app, ListenAddress(host="127.0.0.1", port=0), setting="") as port:
        monkeypatch.setenv("STATUS_LISTEN", f":{port}")
        assert await asyncio.to_thread(main) == 0
        assert capsys.readouterr() == ("The bot is at work.\n", "")
        assert await asyncio.to_thread(main) == 1
        assert capsys.readouterr() == ("", "The bot waits for an engine.\n")
    assert await asyncio.to_thread(main) == 1
    complaint = f"The bot is at work. Nothing answers at STATUS_LISTEN, 0.0.0.0:{port}.\n"
    assert capsys.readouterr() == ("", complaint)
