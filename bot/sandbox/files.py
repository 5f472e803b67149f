"""Stored files, and pictures made the way Telegram makes them."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from bot.sandbox.errors import bad_request

PHOTO_SIDE = 1280
"""Photos that people send arrive with at most this long side, in pixels."""
THUMBNAIL_SIDE = 320
DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
_SIDES = (90, 320, 800, PHOTO_SIDE)
_JPEG_QUALITY = 87


class UnreadableImageError(ValueError):
    """Bytes that are no picture, or one that must not be unpacked."""


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


@dataclass(frozen=True, slots=True)
class Encoded:
    """One JPEG of a photo; width and height in pixels."""

    data: bytes
    width: int
    height: int


def open_image(data: bytes) -> Image.Image:
    """Read a picture upright and in RGB.

    Raises:
        UnreadableImageError: The bytes are no picture, broken, or larger than is sane.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                upright = ImageOps.exif_transpose(image)
                return flatten(upright)
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnreadableImageError(str(error)) from error


def flatten(image: Image.Image) -> Image.Image:
    """Put a picture on white and make it RGB, as Telegram's apps do with a photo."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        canvas = Image.new("RGB", rgba.size, "white")
        canvas.paste(rgba, mask=rgba.getchannel("A"))
        return canvas
    return image.convert("RGB")


def photo_sizes(image: Image.Image, longest: int = PHOTO_SIDE) -> list[Encoded]:
    """Make the JPEGs that one photo consists of, smallest first, none enlarged."""
    side = min(max(image.size), longest)
    return [jpeg(image, step) for step in (*(step for step in _SIDES if step < side), side)]


def jpeg(image: Image.Image, longest: int) -> Encoded:
    """Encode a picture with at most this long side, in pixels."""
    scale = min(1.0, longest / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    smaller = image if scale == 1.0 else image.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    smaller.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return Encoded(buffer.getvalue(), width, height)
