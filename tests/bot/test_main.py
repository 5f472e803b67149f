"""`python -m bot` as its host starts it, where the start is refused, and how it says why.

None of these comes as far as starting an engine.
"""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import health
from bot.listen_address import ListenAddress
from bot.settings import Settings
from bot.studio.ledger.ledger import Ledger
from tests.postgresql import Server

ROOT = Path(__file__).parents[2]
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_"
NOWHERE = "http://127.0.0.1:9"
USUAL = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_API_URL": NOWHERE,
    "ENGINE_DEVICES": "none",
    "LOG_LEVEL": "error",
}
PATIENCE = 60.0


def environment(**values: str) -> dict[str, str]:
    known = {name.upper() for name in Settings.model_fields}
    own = {name: value for name, value in os.environ.items() if name.upper() not in known}
    return {**own, "PYTHONPATH": str(ROOT), **values}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def bot(folder: Path, command: str, **values: str) -> tuple[int, list[str], list[str]]:
    """Exit code, and the lines of standard output and error."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", command],
        cwd=folder,
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


@pytest.mark.parametrize("command", ["run", "check"])
def test_what_is_wrong_in_the_file_is_told_in_a_line_each_before_anything_begins(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / ".env").write_text(
        f"TELEGRAM_BOT_TOKEN={TOKEN}\nALLOWED_USERS_IDS=1\nCOLOUR=red\nIMAGE_SIZE=big\nDATA_DIR='\n"
    )
    code, out, lines = bot(tmp_path, command)
    assert (code, out) == (2, [])
    assert lines == [
        "Line 5 of .env (DATA_DIR) cannot be read:"
        " write NAME=value, with quotes around the whole value or none at all.",
        "ALLOWED_USERS_IDS is not a setting; did you mean ALLOWED_USER_IDS? (.env, line 2)",
        "IMAGE_SIZE is 'big': set a whole number of pixels from 32 to 4096, or leave it out.",
    ]
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_at_every_start_the_log_says_who_may_use_the_bot(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / ".env").write_text("ALLOWED_USER_IDS='1','2'\nCOLOUR=red\n")
    data_dir = str(tmp_path / "file" / "data")
    code, _, lines = bot(tmp_path, "run", **USUAL, DATA_DIR=data_dir, ALLOWED_CHAT_IDS="-1")
    assert code == 2
    (who, fault) = lines
    assert who.endswith("bot.start: Who may use the bot: 2 people, 1 group (no admins)")
    assert fault == (
        f"DATA_DIR {data_dir} cannot be written to (Not a directory): "
        "see to it, or name another directory."
    )


def test_check_says_who_may_use_the_bot_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / ".env").write_text("COLOUR=red\n")
    data_dir = str(tmp_path / "file" / "data")
    code, out, lines = bot(tmp_path, "check", **USUAL, DATA_DIR=data_dir)
    assert code == 2
    assert out == [
        "Who may use the bot: everybody (no admins).",
        "Warning: COLOUR is not a setting, nothing reads it (.env, line 1)",
        "Warning: ENGINE_DEVICES is none: this bot takes orders, and paints none of them.",
    ]
    assert lines == [
        f"DATA_DIR {data_dir} cannot be written to (Not a directory): "
        "see to it, or name another directory.",
        f"{NOWHERE} cannot be reached (ConnectError): "
        "check the network, a proxy, and TELEGRAM_API_URL.",
    ]


def test_a_gpu_that_is_not_there_is_refused(tmp_path: Path) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: A'\n")
    tool.chmod(0o755)
    values = {**USUAL, "ENGINE_DEVICES": "7", "PATH": str(tmp_path)}
    code, _, lines = bot(tmp_path, "run", **values)
    assert code == 2
    assert lines[1:] == [
        "ENGINE_DEVICES names GPU 7, and this machine has the GPUs 0: name those, or set auto."
    ]


def test_a_port_that_is_taken_is_told_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, lines = bot(tmp_path, "run", **USUAL, STATUS_LISTEN=address)
    assert code == 2
    assert lines[-1].startswith(f"STATUS_LISTEN: {address} cannot be listened on (")


def test_a_ledger_that_cannot_be_opened_is_told_with_its_setting(tmp_path: Path) -> None:
    ledger = tmp_path / "data" / "ledger.sqlite3"
    ledger.mkdir(parents=True)
    code, _, lines = bot(tmp_path, "run", **USUAL)
    assert code == 2
    assert lines[-1].startswith(
        f"DATA_DIR: the ledger {ledger} cannot be used (unable to open database file): "
    )


def test_a_ledger_of_a_newer_version_is_told_as_just_that(tmp_path: Path) -> None:
    file = tmp_path / "data" / "ledger.sqlite3"
    file.parent.mkdir()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    for command in ("run", "check"):
        code, _, lines = bot(tmp_path, command, **USUAL)
        assert code == 2
        assert (
            "The ledger cannot be used: it was written by a newer Atelier, with tables of revision "
            "9999 that this one does not know: update Atelier, or give it a ledger of its own."
        ) in lines


async def test_a_second_bot_on_the_same_ledger_is_refused_in_a_line(
    tmp_path: Path, postgresql_server: Server
) -> None:
    url = postgresql_server.url(await postgresql_server.create())
    ledger = await Ledger.open(url, alone=True)
    for command in ("run", "check"):
        code, _, lines = await asyncio.to_thread(bot, tmp_path, command, **USUAL, DATABASE_URL=url)
        assert code == 2
        # `check` has to say of Telegram, too, that it is not to be reached.
        assert re.fullmatch(
            r"The ledger cannot be used: another Atelier \(on .*, since .*\) is at work with it: "
            r"stop that one, or give this one a ledger of its own\.",
            lines[-1] if command == "run" else lines[-2],
        )
    await ledger.close()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "The bot waits for Telegram."),
        ({"DATABASE_URL": "postgresql://me@127.0.0.1:9/none"}, "The bot waits for its database."),
    ],
)
def test_health_says_what_the_bot_waits_for_while_it_does(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    listens = ListenAddress(host="127.0.0.1", port=free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", "bot"],
        cwd=tmp_path,
        env=environment(**USUAL, **settings, STATUS_LISTEN=str(listens)),
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while health.report(tmp_path / "data") != (True, sentence):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert health.readiness(listens) == (False, sentence)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
    assert health.report(tmp_path / "data") == (False, "The bot is not running.")
