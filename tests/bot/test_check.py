"""`bot.check`, against a stand-in for Telegram's side and the real engine."""

import asyncio
import contextlib
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import check as module
from bot import health, memory
from bot.__main__ import main
from bot.check import check, warnings
from bot.engines.devices import Device
from bot.sandbox import Sandbox, faults
from bot.sandbox.errors import ApiError
from bot.settings import Settings

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-"
UNAUTHORIZED = b'{"ok":false,"error_code":401,"description":"Unauthorized"}'
SLOW_DOWN = (
    b'{"ok":false,"error_code":429,"description":"Too Many Requests",'
    b'"parameters":{"retry_after":9}}'
)


@contextlib.asynccontextmanager
async def telegram_answers(status: str, body: bytes) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def telegram_works() -> AsyncIterator[str]:
    async with Sandbox(TOKEN) as sandbox:
        yield sandbox.url


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def faults_of(checked: Settings) -> tuple[str, ...]:
    return (await check(checked)).faults


def settings(folder: Path, url: str, **values: str) -> Settings:
    return Settings.model_validate(
        {
            "telegram_bot_token": TOKEN,
            "telegram_api_url": url,
            "data_dir": folder / "data",
            "engine_devices": "cpu",
            **values,
        }
    )


@pytest.fixture
def no_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the engines out where something else is tested: they take seconds to start."""
    monkeypatch.setattr(module, "devices", lambda _: [])


async def test_all_is_well_and_nothing_is_left_behind(tmp_path: Path) -> None:
    async with telegram_works() as url:
        assert await faults_of(settings(tmp_path, url)) == ()
    assert not settings(tmp_path, url).data_dir.exists()


@pytest.mark.usefixtures("no_engines")
@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        ("401 Unauthorized", UNAUTHORIZED, "TELEGRAM_BOT_TOKEN is not known to"),
        ("404 Not Found", b'{"ok":false,"error_code":404,"description":"Not Found"}', "TOKEN"),
        ("429 Too Many Requests", SLOW_DOWN, "asks for patience"),
        ("200 OK", b"<html>a router's own page</html>", "does not answer as a Bot API server"),
        ("502 Bad Gateway", b"<html></html>", "does not answer as a Bot API server"),
    ],
)
async def test_what_telegram_answers_is_told_in_one_line(
    tmp_path: Path, status: str, body: bytes, says: str
) -> None:
    async with telegram_answers(status, body) as url:
        (line,) = await faults_of(settings(tmp_path, url))
    assert says in line
    assert "\n" not in line
    assert TOKEN not in line


@pytest.mark.usefixtures("no_engines")
async def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with telegram_works() as url:
        pass
    (line,) = await faults_of(settings(tmp_path, url))
    assert line.startswith(f"{url} cannot be reached (ConnectError)")


@pytest.mark.usefixtures("no_engines")
async def test_a_server_that_never_answers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with silent:
        url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        (line,) = await faults_of(settings(tmp_path, url))
    assert "does not answer within 0.2 seconds" in line


@pytest.mark.usefixtures("no_engines")
async def test_a_data_directory_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with telegram_works() as url:
        broken = settings(tmp_path / "file", url)
        (line,) = await faults_of(broken)
    assert line.startswith(f"DATA_DIR {broken.data_dir} cannot be written to (Not a directory)")


@pytest.mark.usefixtures("no_engines")
async def test_too_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FREE_BYTES", 2**62)
    async with telegram_works() as url:
        (line,) = await faults_of(settings(tmp_path, url))
    assert "MB of free space" in line


@pytest.mark.usefixtures("no_engines")
async def test_a_ledger_that_is_no_database_is_told_and_a_good_one_is_not(tmp_path: Path) -> None:
    async with telegram_works() as url:
        bad = settings(tmp_path, url)
        bad.data_dir.mkdir()
        ledger = bad.data_dir / "ledger.sqlite3"
        ledger.write_bytes(b"this is no database" * 100)
        (line,) = await faults_of(bad)
        assert line.startswith(
            f"DATA_DIR: the ledger {ledger} cannot be used (file is not a database)"
        )
        ledger.unlink()
        with contextlib.closing(sqlite3.connect(ledger)) as connection:
            connection.execute("CREATE TABLE orders (id INTEGER)")
        before = ledger.read_bytes()
        assert await faults_of(bad) == ()
        assert ledger.read_bytes() == before


@pytest.mark.usefixtures("no_engines")
async def test_a_database_server_that_is_not_there_is_told_without_its_password(
    tmp_path: Path,
) -> None:
    async with telegram_works() as url:
        broken = settings(tmp_path, url, database_url="postgresql://me:hunter2@127.0.0.1:9/atelier")
        (line,) = await faults_of(broken)
    assert line.startswith("DATABASE_URL: the ledger in atelier on 127.0.0.1:9 cannot be used (")
    assert "hunter2" not in line


@pytest.mark.usefixtures("no_engines")
async def test_a_ledger_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    async with telegram_works() as url:
        bad = settings(tmp_path, url)
        (bad.data_dir / "ledger.sqlite3").mkdir(parents=True)
        (line,) = await faults_of(bad)
        assert "ledger.sqlite3 cannot be used (unable to open database file)" in line

        file = tmp_path / "mine.sqlite3"
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE orders (id INTEGER)")
        with file.open("r+b") as written:
            written.seek(18)  # a "file format write version" above 2 makes a database read-only
            written.write(b"\3")
        other = settings(tmp_path / "other", url, database_url=f"sqlite:///{file}")
        (line,) = await faults_of(other)
    assert line.startswith(
        f"DATABASE_URL: the ledger {file} cannot be used (attempt to write a readonly database): "
    )


async def test_a_gpu_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: A'; echo 'GPU 1: B'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    async with telegram_works() as url:
        broken = settings(tmp_path, url, engine_devices="7")
        (line,) = await faults_of(broken)
    assert line == (
        "ENGINE_DEVICES names GPU 7, and this machine has the GPUs 0, 1: name those, or set auto."
    )


async def test_an_engine_that_does_not_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "devices", lambda _: [Device("99")])
    async with telegram_works() as url:
        (line,) = await faults_of(settings(tmp_path, url))
    assert line.startswith("The engine on GPU 99 cannot start: TensorFlow finds no such GPU")
    assert "ENGINE_DEVICES" in line


async def test_a_bot_that_paints_nothing_itself_is_well_but_told_of(tmp_path: Path) -> None:
    async with telegram_works() as url:
        findings = await check(settings(tmp_path, url, engine_devices="none"))
    assert findings.faults == ()
    (warning,) = findings.warnings
    assert warning.startswith("ENGINE_DEVICES is none: ")


def test_too_little_memory_is_a_warning_for_the_processor_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1_000_000_000)
    small = settings(tmp_path, "http://127.0.0.1:1", image_size="256")
    (line,) = warnings(small, [Device()])
    assert line.startswith("A painting of 256 pixels takes up to 1.26 GB of memory")
    assert warnings(small, [Device("0")]) == []


@pytest.mark.usefixtures("no_engines")
@pytest.mark.parametrize(
    ("mode", "says"), [(True, "privacy mode is on, which suits"), (False, "privacy mode is off")]
)
async def test_the_group_privacy_mode_is_told(tmp_path: Path, *, mode: bool, says: str) -> None:
    async with Sandbox(TOKEN, privacy_mode=mode) as sandbox:
        report = await check(settings(tmp_path, sandbox.url))
    assert report.faults == ()
    assert sum(says in remark for remark in report.remarks) == 1


@pytest.mark.usefixtures("no_engines")
async def test_a_webhook_is_told_and_left_alone(tmp_path: Path) -> None:
    async with Sandbox(TOKEN) as sandbox:
        sandbox.world.profile.webhook.url = "https://hooks.example.org/a-secret-path"
        report = await check(settings(tmp_path, sandbox.url))
        assert sandbox.world.profile.webhook.url
        assert {call.method for call in sandbox.calls()} == {"getMe", "getWebhookInfo"}
    assert report.faults == ()
    assert "A webhook to hooks.example.org is set" in report.remarks[0]
    assert "secret" not in " ".join(report.remarks)


@pytest.mark.usefixtures("no_engines")
async def test_where_updates_will_come_by_webhook_is_told(tmp_path: Path) -> None:
    own = "http://127.0.0.1:8443/a-secret-path"
    async with Sandbox(TOKEN) as sandbox:
        checked = settings(
            tmp_path, sandbox.url, webhook_url=own, webhook_listen=f"127.0.0.1:{free_port()}"
        )
        webhook = sandbox.world.profile.webhook
        unset = (await check(checked)).remarks
        webhook.url = "https://hooks.example.org/another-secret"
        another = (await check(checked)).remarks
        webhook.url = own
        is_set = (await check(checked)).remarks
        webhook.last_error, webhook.last_error_date = "Connection refused", 1_800_000_000
        failing = (await check(checked)).remarks
        assert not sandbox.calls("setWebhook", "deleteWebhook")
    assert unset[0] == "No webhook is set: the bot sets one to 127.0.0.1 at its start."
    assert another[0].startswith(
        "A webhook to hooks.example.org is set: the bot sets its own, to 127.0.0.1, at its start"
    )
    assert is_set[0] == "The webhook to 127.0.0.1 is set, and 0 updates wait there."
    assert failing[1] == (
        "Telegram could not bring updates to 127.0.0.1 at 2027-01-15 08:00:00 UTC: "
        "Connection refused"
    )
    for remarks in (unset, another, is_set, failing):
        assert "secret" not in " ".join(remarks)
        assert "409" not in " ".join(remarks)


@pytest.mark.usefixtures("no_engines")
async def test_ports_that_are_taken_are_told_unless_it_is_the_bot_who_took_them(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with Sandbox(TOKEN) as sandbox:
            listens = {"status_listen": address, "webhook_listen": address}
            here = settings(tmp_path, sandbox.url, **listens)
            (line,) = await faults_of(here)
            assert line.startswith(f"STATUS_LISTEN: {address} cannot be listened on (")
            brought = settings(tmp_path, sandbox.url, **listens, webhook_url="http://127.0.0.1/")
            assert len(await faults_of(brought)) == 2
            here.data_dir.mkdir()
            (here.data_dir / health.FILE_NAME).touch()
            assert await faults_of(here) == ()


@pytest.mark.usefixtures("no_engines")
async def test_who_else_polls_is_told_as_far_as_it_can_be_known(tmp_path: Path) -> None:
    async with Sandbox(TOKEN) as sandbox:
        checked = settings(tmp_path, sandbox.url)
        unknown = (await check(checked)).remarks
        checked.data_dir.mkdir()
        (checked.data_dir / health.FILE_NAME).touch()
        known = (await check(checked)).remarks
        assert not sandbox.calls("getUpdates")
    assert not any("is at work in" in remark for remark in unknown)
    assert any(f"An Atelier is at work in {checked.data_dir}" in remark for remark in known)
    for remarks in (unknown, known):
        assert any("cannot be asked without taking its updates" in remark for remark in remarks)


@pytest.mark.usefixtures("no_engines")
async def test_the_command_line_says_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.configure", lambda _: None)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    async with Sandbox(TOKEN) as sandbox:
        monkeypatch.setenv("TELEGRAM_API_URL", sandbox.url)
        assert await asyncio.to_thread(main, ["check"]) == 0
        said = capsys.readouterr()
        assert "privacy mode is on" in said.out
        assert said.out.endswith("All is well.\n")
        sandbox.faults.add("getMe", faults.refusal(ApiError(401, "Unauthorized")))
        assert await asyncio.to_thread(main, ["check"]) == 2
        said = capsys.readouterr()
    assert said.out == "Who may use the bot: everybody (no admins).\n"
    assert said.err.startswith("TELEGRAM_BOT_TOKEN is not known to")
