"""Serving HTTP beside the bot's work, in its own event loop."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from bot.listen_address import ListenAddress

_CLOSE_SECONDS: Final = 1.0
"""How long requests in flight may take when the bot stops."""


class CannotListen(Exception):
    """A server cannot listen where its setting says; the text says so in one line."""

    def __init__(self, setting: str, address: ListenAddress, error: OSError) -> None:
        super().__init__(
            f"{setting}: {address} cannot be listened on ({error.strerror or error}): name an "
            "address of this machine and a port that no other program uses."
        )


@asynccontextmanager
async def serving(
    app: web.Application, address: ListenAddress, *, setting: str
) -> AsyncGenerator[int, None]:
    """Serve meanwhile; gives the port, which is a free one if the address names 0.

    The answers do not say what serves them.

    Args:
        app: what is served.
        address: where.
        setting: the name of the setting that says so, for the complaint.

    Raises:
        CannotListen: the system does not let it.
    """
    app.on_response_prepare.append(_anonymous)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address.host, address.port)
        try:
            await site.start()
        except OSError as error:
            raise CannotListen(setting, address, error) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def try_to_listen(address: ListenAddress, *, setting: str) -> None:
    """See whether `serving` could listen there, and leave no trace.

    Raises:
        CannotListen: the system does not let it.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        socket.create_server((address.host, address.port), family=family).close()
    except OSError as error:
        raise CannotListen(setting, address, error) from error


async def _anonymous(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)
