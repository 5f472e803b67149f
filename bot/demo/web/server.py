"""The page's own HTTP: what it is made of, one stream of changes, and what people do."""

import json
from collections.abc import Set
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from bot.demo.web.actions import ACTIONS
from bot.demo.web.guard import guard, protect
from bot.demo.web.sending import send
from bot.demo.web.session import Session
from bot.demo.web.views import Json
from bot.sandbox.media import UnreadableImageError

STATIC: Final = Path(__file__).with_name("static")

_BODY_LIMIT: Final = 256 * 1024 * 1024
_KEEP_ALIVE_SECONDS: Final = 10.0
_SHOWN: Final = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
"""Files that a browser may show; all others it may only save."""


def application(
    session: Session, *, hosts: Set[str] = frozenset(), secret: str = ""
) -> web.Application:
    """Make the application.

    Args:
        session: What the page shows.
        hosts: The values of the header Host that are answered; empty for any.
        secret: First part of every address, if there is one.
    """
    handlers = _Handlers(session)
    page = web.Application(client_max_size=_BODY_LIMIT)
    page.router.add_get("/", handlers.index)
    page.router.add_static("/static/", STATIC)
    page.router.add_get("/stream", handlers.stream)
    page.router.add_get("/menu", handlers.menu)
    page.router.add_get("/sample/{name}", handlers.sample)
    page.router.add_get("/file/{path:.+}", handlers.file)
    page.router.add_post("/send", handlers.send)
    page.router.add_post("/act/{name}", handlers.act)
    root = page
    if secret:
        root = web.Application(client_max_size=_BODY_LIMIT)
        root.add_subapp(f"/{secret}/", page)
    root.middlewares.append(guard(hosts))
    root.middlewares.append(_refusals)
    root.on_response_prepare.append(protect)
    return root


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in a word that the page knows why something was not done."""
    try:
        return await handler(request)
    except UnreadableImageError:
        return _refusal(400, "no-picture")
    except PermissionError:
        return _refusal(403, "not-allowed")
    except LookupError:
        return _refusal(404, "gone")
    except (ValidationError, ValueError):
        return _refusal(400, "not-understood")
    except web.HTTPRequestEntityTooLarge:
        return _refusal(413, "too-large")


def _refusal(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)


class _Handlers:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def index(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Everything once, then each change as it comes (Server-Sent Events)."""
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        changes = self._session.changes
        told = len(changes)
        await response.write(_event(self._session.state()))
        while True:
            try:
                change = await changes.wait_for(
                    lambda _: True, timeout=_KEEP_ALIVE_SECONDS, since=told
                )
            except TimeoutError:
                await response.write(b":\n\n")
            else:
                told += 1
                await response.write(_event(change))

    async def menu(self, request: web.Request) -> web.Response:
        """The bot's commands and description, as somebody's app shows them in a chat."""
        person = self._session.person(int(request.query["person"]))
        chat = self._session.chat(person, int(request.query["chat"]))
        profile = self._session.world.profile
        language = person.user.language_code.partition("-")[0]
        description = profile.descriptions.get(language) or profile.descriptions.get("", "")
        return web.json_response({"commands": person.menu(chat), "description": description})

    async def sample(self, request: web.Request) -> web.Response:
        body = self._session.pictures[request.match_info["name"]]
        return web.Response(body=body, content_type="image/jpeg")

    async def file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        stored = self._session.world.files.by_path(path)
        if stored is None:
            raise LookupError(path)
        # The address has what the file's bytes hash to: it never stands for others.
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        shown = _SHOWN.get(Path(path).suffix)
        if shown is None:
            headers["Content-Disposition"] = "attachment"
        return web.Response(
            body=stored.data,
            content_type=shown or "application/octet-stream",
            headers=headers,
        )

    async def send(self, request: web.Request) -> web.Response:
        await send(self._session, await request.post())
        return web.json_response({})

    async def act(self, request: web.Request) -> web.Response:
        action = ACTIONS[request.match_info["name"]].model_validate_json(await request.read())
        return web.json_response(await action.perform(self._session))


def _event(change: Json) -> bytes:
    return f"data: {json.dumps(change, ensure_ascii=False)}\n\n".encode()
