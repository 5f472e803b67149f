"""What a webhook's settings may be, and the secret that is made where none is set."""

import os
import re
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

SECRET_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
"""Bot API: setWebhook, secret_token."""

SECRET_FILE: Final = "webhook-secret"  # noqa: S105 (the name of a file)

_PORTS: Final = {None, 443, 80, 88, 8443}
"""Those that Telegram itself connects to (Bot API: setWebhook)."""


def public_address(text: str, *, own_server: bool) -> str:
    """An address that updates can be sent to.

    Args:
        text: the address.
        own_server: whether the Bot API server is the host's own, which sends by plain HTTP and to
            any port, too.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError("is no address") from error
    schemes = {"https", "http"} if own_server else {"https"}
    if not parts.hostname or parts.scheme not in schemes:
        raise ValueError("is not an https:// address")
    if not own_server and port not in _PORTS:
        raise ValueError(f"names port {port}, and Telegram knows only 443, 80, 88 and 8443")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("holds more than an address and a path")
    return text.strip()


def kept_secret(data_dir: Path) -> str:
    """The secret in the data directory; where there is none, a new one is kept there.

    Raises:
        OSError: it can be neither read nor written.
    """
    file = data_dir / SECRET_FILE
    if file.exists() and SECRET_SHAPE.fullmatch(kept := file.read_text("utf-8").strip()):
        return kept
    made = secrets.token_urlsafe(32)
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(made)
        written.flush()
        os.fsync(descriptor)
    unfinished.replace(file)
    return made
