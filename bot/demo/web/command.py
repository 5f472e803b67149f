"""`python -m bot demo --web`: the sandbox, the bot and the page, until Ctrl-C."""

import asyncio
import errno
import ipaddress
import os
import secrets
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, TextIO

from aiohttp import web

from bot.demo.web.server import application
from bot.demo.web.session import Session
from bot.demo.web.supervisor import Supervisor
from bot.sandbox import Sandbox

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8765
"""Where the page is, unless that is taken and nobody asked for it."""

_USUAL_PORT: Final = 80
_SECRET_BYTES: Final = 24
_SHUTDOWN_SECONDS: Final = 0.2


class CannotListen(Exception):
    """The page cannot be where it is wanted; the text says why in one line."""


def serve(
    pictures: Mapping[str, bytes],
    log: Path,
    *,
    port: int | None = None,
    listen: str = LOOPBACK,
    stream: TextIO = sys.stdout,
) -> None:
    """Serve the page until Ctrl-C or SIGTERM.

    Args:
        pictures: the sample photo and style (JPEG), by the names "content" and "style".
        log: file for what the bot logs.
        port: where the page is; None for the usual one, or a free one if that is taken.
        listen: address or name of this machine to listen on. Beyond loopback the page's address
            has a secret in it.
        stream: where the address is printed.

    Raises:
        CannotListen: the address or the port cannot be used.
        OSError: the log cannot be written.
    """
    log.write_bytes(b"")
    with _socket(listen, port) as listening:
        asyncio.run(_serve(pictures, log, listening, listen, stream))


async def _serve(
    pictures: Mapping[str, bytes], log: Path, listening: socket.socket, listen: str, stream: TextIO
) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    port = listening.getsockname()[1]
    secret = "" if is_loopback(listen) else secrets.token_urlsafe(_SECRET_BYTES)
    names = ("127.0.0.1", "localhost", "[::1]")
    # A browser leaves the usual port out.
    ending = "" if port == _USUAL_PORT else f":{port}"
    hosts = frozenset() if secret else frozenset(f"{name}{ending}" for name in names)
    async with AsyncExitStack() as stack:
        session = Session(await stack.enter_async_context(Sandbox()), pictures)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="atelier-"))
        settings = {"ADMIN_USER_IDS": session.admins}
        bot = Supervisor(session.sandbox, Path(folder), log, settings, session.tell_setting)
        session.bot = bot
        stack.push_async_callback(bot.end)
        stack.push_async_callback(session.scenes.stop)
        runner = web.AppRunner(
            application(session, hosts=hosts, secret=secret),
            # A stream ends when its browser has gone.
            handler_cancellation=True,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            access_log=None,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()
        address = f"http://{_name(listen)}:{port}/{secret}{'/' if secret else ''}"
        stream.write(f"Atelier is at {address}\nThe bot's log is in {log}. Ctrl-C ends it all.\n")
        if secret:
            stream.write("Whoever knows this address can use the page; it is not encrypted.\n")
        stream.flush()
        await bot.start()
        if _has_screen():
            await asyncio.to_thread(webbrowser.open, address)
        await stop.wait()
    stream.write("Stopped.\n")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _socket(host: str, port: int | None) -> socket.socket:
    if port is not None and port not in range(65536):
        raise CannotListen(f"--port {port}: a port is a number from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for attempt in (PORT, 0) if port is None else (port,):
        try:
            return socket.create_server((host, attempt), family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotListen(f"--listen {host}: {error.strerror or error}") from error
    raise CannotListen(f"--port {port}: something else listens there already")


def _name(host: str) -> str:
    """Name what listens there as a browser may ask for it."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  # compared with, not listened on
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _has_screen() -> bool:
    """Whether a browser would open in a window, rather than in this terminal or not at all."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
