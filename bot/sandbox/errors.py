"""What the Bot API answers when it refuses, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class ApiError(Exception):
    """A refusal as the Bot API server words it.

    Attributes:
        code: HTTP status and ``error_code`` of the answer.
        description: Whole text, its prefix ("Bad Request: ") included.
        parameters: ``ResponseParameters``: ``retry_after`` (seconds) or ``migrate_to_chat_id``.
    """

    code: int
    description: str
    parameters: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code} {self.description}"


def bad_request(text: str, **parameters: int) -> ApiError:
    """Make a 400 with the server's prefix."""
    return ApiError(400, f"Bad Request: {text}", parameters)


def forbidden(text: str) -> ApiError:
    """Make a 403 with the server's prefix."""
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    """Make a 409 with the server's prefix."""
    return ApiError(409, f"Conflict: {text}")


def unauthorized() -> ApiError:
    """Make the answer to a wrong token."""
    return ApiError(401, "Unauthorized")


def too_many_requests(seconds: int) -> ApiError:
    """Make a flood-control answer that asks to wait ``seconds``."""
    text = f"Too Many Requests: retry after {seconds}"
    return ApiError(429, text, {"retry_after": seconds})


def bad_gateway() -> ApiError:
    """Make the answer of the proxy in front of a Bot API server that is away."""
    return ApiError(502, "Bad Gateway")


def too_large() -> ApiError:
    """Make the answer to an upload over the server's limit."""
    return ApiError(413, "Request Entity Too Large")


def not_modified() -> ApiError:
    """Make the answer to an edit that changes nothing."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )


def bot_blocked() -> ApiError:
    """Make the answer to a message for somebody who blocked the bot."""
    return forbidden("bot was blocked by the user")
