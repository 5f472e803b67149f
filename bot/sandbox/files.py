"""Stored files, by the ids and paths that Telegram gives them."""

import base64
import hashlib
import itertools
from dataclasses import dataclass

from bot.sandbox.errors import bad_request

DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the server.

    Attributes:
        file_id: What this bot names it by; each time it is sent it gets another one.
        unique_id: The same for the same bytes.
        path: What follows ``/file/bot<token>/`` in its address.
        data: Its bytes.
    """

    file_id: str
    unique_id: str
    path: str
    data: bytes

    def to_json(self) -> dict[str, object]:
        """Return the fields that every object with a file has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }


class FileStore:
    """All files of the sandbox, by file_id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._serial = itertools.count()

    def add(self, data: bytes, folder: str, suffix: str = "") -> StoredFile:
        """Store bytes under a new file_id and path."""
        serial = next(self._serial)
        digest = hashlib.sha256(data).digest()
        unique = "AQAD" + base64.urlsafe_b64encode(digest[:9]).decode()
        salt = hashlib.sha256(b"%d" % serial + digest).digest()
        file_id = "AgACAgIAAxkB" + base64.urlsafe_b64encode(salt + digest[:10]).decode().rstrip("=")
        stored = StoredFile(file_id, unique, f"{folder}/file_{serial}{suffix}", data)
        self._by_id[file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile:
        """Find a file by its id.

        Raises:
            ApiError: 400, for an id that this server never gave out.
        """
        try:
            return self._by_id[file_id]
        except KeyError:
            raise bad_request("wrong file identifier/HTTP URL specified") from None

    def by_path(self, path: str) -> StoredFile | None:
        """Find a file by its path."""
        return self._by_path.get(path)

    def forget(self, stored: StoredFile) -> None:
        """Take a file off the server, as happens to old ones."""
        del self._by_id[stored.file_id], self._by_path[stored.path]
