"""Where the page is: on loopback unless it is told otherwise, and then behind a secret."""

import io
import os
import re
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.__main__ import USAGE_ERROR, main
from bot.demo.web import command
from bot.demo.web.supervisor import BotState
from bot.sandbox import Sandbox

ADDRESS = re.compile(r"Atelier is at http://([^:/]+):(\d+)/(\S*)\n")


EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is tested


class NoBot:
    """In the bot's place: the page is to be there without it."""

    state = BotState.ABSENT

    def __init__(
        self,
        _sandbox: Sandbox,
        _folder: Path,
        _log: Path,
        settings: Mapping[str, str],
        _tell: Callable[[], None],
    ) -> None:
        assert re.fullmatch(r"\d+,\d+", settings["ADMIN_USER_IDS"])

    async def start(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    async def end(self) -> None:
        pass


@pytest.fixture
def pictures(picture: Callable[..., bytes]) -> dict[str, bytes]:
    return {"content": picture(), "style": picture(seed=1)}


async def serve(pictures: Mapping[str, bytes], listen: str, log: Path) -> str:
    """Serve until the bot has started, which ends it; returns what was printed."""
    printed = io.StringIO()
    with socket.create_server((listen, 0)) as listening:
        await command._serve(pictures, log, listening, listen, printed)
    return printed.getvalue()


async def test_it_is_on_loopback_under_a_plain_address(
    pictures: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Supervisor", NoBot)
    monkeypatch.setattr(command, "_has_screen", lambda: False)
    printed = await serve(pictures, command.LOOPBACK, tmp_path / "bot.log")
    found = ADDRESS.search(printed)
    assert found is not None
    assert found.groups()[::2] == ("127.0.0.1", "")
    assert printed.endswith("Stopped.\n")


@pytest.mark.parametrize("display", ["", ":0"])
async def test_it_opens_where_there_is_a_screen(
    pictures: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(command, "Supervisor", NoBot)
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    printed = await serve(pictures, command.LOOPBACK, tmp_path / "bot.log")
    assert opened == ([printed.split()[3]] if display else [])


async def test_beyond_loopback_its_address_is_a_secret(
    pictures: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(NoBot):
        async def start(self) -> None:
            found = ADDRESS.search(stream.getvalue())
            assert found is not None
            secret = found[3]
            assert len(secret) > 24
            async with ClientSession(f"http://127.0.0.1:{found[2]}") as strangers:
                for path, status in (("/", 404), ("/stream", 404), (f"/{secret}", 200)):
                    async with strangers.get(path) as response:
                        assert response.status == status
            await super().start()

    monkeypatch.setattr(command, "Supervisor", Asked)
    monkeypatch.setattr(command, "_has_screen", lambda: False)
    stream = io.StringIO()
    with socket.create_server((EVERYWHERE, 0)) as listening:
        await command._serve(pictures, tmp_path / "bot.log", listening, EVERYWHERE, stream)
    assert "it is not encrypted" in stream.getvalue()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        (EVERYWHERE, False),
        ("::", False),
        ("192.168.1.2", False),
        ("painter.local", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, *, expected: bool) -> None:
    assert command.is_loopback(host) == expected


def test_a_taken_port_is_said_in_a_line_unless_nobody_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["demo", "--web", "--port", str(port), "--out", str(tmp_path)])
        assert code == USAGE_ERROR
        complaint = capsys.readouterr().err
        assert complaint == f"--port {port}: something else listens there already\n"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command, "PORT", port)
            with command._socket("127.0.0.1", None) as other:
                assert other.getsockname()[1] != port


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--port", "70000"], "--port 70000: a port is a number from 0 to 65535"),
        (["--listen", "203.0.113.7"], "--listen 203.0.113.7: "),
        (["--content", "missing.jpg"], "missing.jpg: No such file or directory"),
        (["--out", "/dev/null/demo"], "[Errno 20] Not a directory: '/dev/null/demo'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    assert main(["demo", "--web", "--out", str(tmp_path), *arguments]) == USAGE_ERROR
    printed, complaints = capsys.readouterr()
    assert printed == ""
    assert complaints.startswith(complaint)
    assert complaints.count("\n") == 1
