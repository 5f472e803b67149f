"""Who is not heard: other sites in the same browser, and whoever does not know the address."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from bot.demo.web.server import application
from bot.demo.web.session import Session

Client = TestClient[web.Request, web.Application]
SECRET = "4tmYh1wVTnyI0oMxk2jIbcU7"


@pytest.fixture
async def client(session: Session) -> AsyncIterator[Client]:
    port = unused_port()
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    async with TestClient(TestServer(application(session, hosts=hosts), port=port)) as made:
        yield made


@pytest.fixture
async def beyond(session: Session) -> AsyncIterator[Client]:
    """As it is listened to beyond loopback."""
    async with TestClient(TestServer(application(session, secret=SECRET))) as made:
        yield made


def origin(client: Client) -> str:
    return f"http://127.0.0.1:{client.port}"


@pytest.mark.parametrize("path", ["/", "/stream", "/static/app.js", "/file/photos/file_0.jpg"])
async def test_a_name_of_somebody_elses_that_leads_here_is_refused(
    client: Client, path: str
) -> None:
    async with client.get(path, headers={"Host": f"evil.example:{client.port}"}) as response:
        assert response.status == 403
        assert "evil" not in await response.text()


async def test_the_page_itself_is_answered_by_both_its_names(client: Client) -> None:
    for host in ("127.0.0.1", "localhost"):
        async with client.get("/", headers={"Host": f"{host}:{client.port}"}) as response:
            assert response.status == 200


@pytest.mark.parametrize("sender", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
async def test_what_another_site_sends_is_not_done(
    client: Client, session: Session, sender: str | None
) -> None:
    headers = {} if sender is None else {"Origin": sender}
    async with client.post("/act/privacy", json={"mode": False}, headers=headers) as response:
        assert response.status == 403
    assert session.world.privacy.mode


async def test_what_the_page_sends_is_done(client: Client, session: Session) -> None:
    headers = {"Origin": origin(client), "Sec-Fetch-Site": "same-origin"}
    async with client.post("/act/privacy", json={"mode": False}, headers=headers) as response:
        assert response.status == 200
    assert not session.world.privacy.mode


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_cannot_take_its_parts_but_may_link_to_it(
    client: Client, site: str
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    async with client.get("/sample/content", headers=headers) as response:
        assert response.status == 403
    async with client.get("/", headers={**headers, "Sec-Fetch-Mode": "navigate"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/sample/style", "/nothing", "/act/x"])
async def test_every_answer_forbids_requests_to_anywhere_else(client: Client, path: str) -> None:
    async with client.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "http" not in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-cache"


async def test_beyond_loopback_nothing_is_there_without_the_secret(beyond: Client) -> None:
    for path in ("/", "/stream", "/static/app.js", "/wrong/", f"/{SECRET[:-1]}/"):
        async with beyond.get(path) as response:
            assert response.status == 404
    async with beyond.get(f"/{SECRET}/") as response:
        assert response.status == 200
    headers = {"Origin": origin(beyond)}
    path = f"/{SECRET}/act/privacy"
    async with beyond.post(path, json={"mode": True}, headers=headers) as response:
        assert response.status == 200
