"""The real Prometheus, on loopback, in a folder of its own."""

import asyncio
import shutil
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

WANTED: Final = "Prometheus is not installed (on Debian: apt-get install prometheus)"


def programs() -> tuple[str, str] | None:
    """Where prometheus and promtool are; None without them."""
    found = shutil.which("prometheus"), shutil.which("promtool")
    return (found[0], found[1]) if found[0] and found[1] else None


class Prometheus:
    """A server that runs."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression comes to now (HTTP API, /api/v1/query)."""
        return list((await self._get("query", query=expression))["result"])

    async def alerts(self) -> list[dict[str, Any]]:
        """The alert rules, with what Prometheus makes of them (HTTP API, /api/v1/rules)."""
        groups = (await self._get("rules"))["groups"]
        return [rule for group in groups for rule in group["rules"]]

    async def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        async with self._session.get(f"{self._url}/api/v1/{path}", params=parameters) as answer:
            said = await answer.json()
        assert said["status"] == "success", said
        data: dict[str, Any] = said["data"]
        return data

    async def until(self, expression: str) -> None:
        """Wait until an expression comes to anything."""
        async with asyncio.timeout(60):
            while not await self.query(expression):  # noqa: ASYNC110 (a page wakes nobody)
                await asyncio.sleep(0.1)

    async def until_ready(self) -> None:
        async with asyncio.timeout(60):
            while not await self._is_ready():  # noqa: ASYNC110 (a page wakes nobody)
                await asyncio.sleep(0.1)

    async def _is_ready(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def running(program: str, folder: Path, config: str) -> AsyncGenerator[Prometheus, None]:
    """Run it with a configuration, the text of its file."""
    file = folder / "prometheus.yml"
    await asyncio.to_thread(file.write_text, config)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address={address}",
        "--log.level=error",
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session:
            prometheus = Prometheus(session, f"http://{address}")
            await prometheus.until_ready()
            yield prometheus
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
