"""HTTP as the Bot API speaks it: reading calls, writing answers."""

import json
from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.decode import Upload
from bot.sandbox.errors import ApiError, bad_request

BODY_LIMIT = 64 * 1024 * 1024
_BAD_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)

Raw = dict[str, object]


async def read_call(request: web.Request) -> tuple[Raw, dict[str, Upload]]:
    """Read parameters from the query and the body, and the files of a multipart body.

    Raises:
        ApiError: 400, if the body is no JSON object where it should be one.
    """
    raw: Raw = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        raw |= await _json_body(request)
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                with value.file as file:
                    uploads[name] = Upload(name, value.filename, value.content_type, file.read())
            else:
                raw[name] = value if isinstance(value, str) else bytes(value).decode()
    return raw, uploads


async def _json_body(request: web.Request) -> Raw:
    body = await request.read()
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise bad_request("can't parse JSON object in the request body")
    return parsed


def success(result: object) -> web.Response:
    """Write a result, or the bytes of a file."""
    if isinstance(result, bytes):
        return web.Response(body=result, content_type="application/octet-stream")
    return web.json_response({"ok": True, "result": result})


def refusal(error: ApiError) -> web.Response:
    """Write a refusal, as the server or the proxy before it does."""
    if error.code == web.HTTPBadGateway.status_code:
        return web.Response(status=error.code, text=_BAD_GATEWAY_PAGE, content_type="text/html")
    body: dict[str, object] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers: Mapping[str, str] = {}
    if error.parameters:
        body["parameters"] = dict(error.parameters)
    if "retry_after" in error.parameters:
        headers = {"Retry-After": str(error.parameters["retry_after"])}
    return web.json_response(body, status=error.code, headers=headers)


def broken(request: web.Request) -> web.Response:
    """Break the connection; what is returned never reaches anybody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
