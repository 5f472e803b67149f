"""The page's server in this process, with people in its sandbox and no bot."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from bot.demo.web.server import application
from bot.demo.web.session import Session
from bot.demo.web.views import Json
from bot.sandbox import Person, Sandbox


class Page:
    """A browser's requests, without the browser."""

    def __init__(self, client: TestClient[Request, Application]) -> None:
        self.client = client
        self._origin = {"Origin": str(client.make_url("/")).rstrip("/")}

    async def act(self, name: str, /, **body: object) -> tuple[int, Json]:
        """Status and answer of one action."""
        path = f"/act/{name}"
        async with self.client.post(path, json=body, headers=self._origin) as response:
            return response.status, await response.json()

    async def send(
        self, sender: Person, /, *files: tuple[str, bytes], **fields: object
    ) -> tuple[int, Json]:
        """Status and answer of a form with files, as the page sends it."""
        form = FormData()
        for name, value in {"person": sender.id, "chat": sender.id, **fields}.items():
            form.add_field(name, str(value))
        for filename, data in files:
            form.add_field("file", data, filename=filename, content_type="image/jpeg")
        async with self.client.post("/send", data=form, headers=self._origin) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path)


class Stream:
    """What the server tells, one change after the other."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def next(self) -> Any:  # noqa: ANN401  # any JSON
        while True:
            line = await self._response.content.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: "))

    async def next_of(self, kind: str) -> Any:  # noqa: ANN401  # any JSON
        while (change := await self.next())["kind"] != kind:
            pass
        return change


@pytest.fixture
def session(sandbox: Sandbox, picture: Callable[..., bytes]) -> Session:
    return Session(sandbox, {"content": picture(64, 48), "style": picture(48, 48, seed=1)})


@pytest.fixture
async def page(session: Session) -> AsyncIterator[Page]:
    async with TestClient(TestServer(application(session))) as client:
        yield Page(client)


@pytest.fixture
async def stream(page: Page) -> AsyncIterator[Stream]:
    async with page.client.get("/stream") as response:
        yield Stream(response)


@pytest.fixture
def ada(session: Session) -> Person:
    return next(iter(session.people.values()))


@pytest.fixture
def bruno(session: Session) -> Person:
    return list(session.people.values())[1]
