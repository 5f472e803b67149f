"""Who may talk to the page: browsers on this machine, or those who know its address.

A site that somebody has open in another tab can send requests to this machine, too, and can make a
name of its own lead here (DNS rebinding). What it sends is told by headers that no script in a
browser can set: Host, Origin and Sec-Fetch-Site.
"""

from collections.abc import Set
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS: Final = {
    # Nothing is asked for anywhere else, whatever is written in the chat.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guard(hosts: Set[str]) -> Middleware:
    """Make a middleware that answers only what the page itself asks for.

    Args:
        hosts: The values of Host by which the page may be asked for; empty for any, where a
            secret in the address keeps strangers out.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if hosts and request.host not in hosts:
            raise web.HTTPForbidden(text="This page goes by another name.\n")
        if not _is_own(request):
            raise web.HTTPForbidden(text="Another site asks for this.\n")
        return await handler(request)

    return middleware


async def protect(_request: web.Request, response: web.StreamResponse) -> None:
    """Tell the browser what this answer may do, who may read it and how long it holds."""
    response.headers.update(HEADERS)
    # The page's parts may be others after an update: a browser asks each time whether they are.
    response.headers.setdefault("Cache-Control", "no-cache")


def _is_own(request: web.Request) -> bool:
    """Whether a request comes from the page, or from somebody who opens it."""
    if request.method == "POST" and request.headers.get("Origin") != f"http://{request.host}":
        return False
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in {"same-origin", "none"} or (
        request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )
