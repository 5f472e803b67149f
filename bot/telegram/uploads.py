"""A finished painting made fit for sendPhoto or sendDocument.

Limits of the Bot API's sendPhoto: at most 10 MB, width and height together at most 10000, and a
ratio of the sides of at most 20. Of its sendDocument: at most 50 MB.
"""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

MAX_BYTES: Final = 10 * 1000 * 1000
MAX_FILE_BYTES: Final = 50 * 1000 * 1000
MAX_SIDES: Final = 10_000
MAX_RATIO: Final = 20
_SUFFIXES: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_QUALITIES: Final = (95, 90, 85, 75, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Bytes to send and the name to send them by; `photo` is False where only a file will do."""

    data: bytes
    filename: str
    photo: bool = True


def prepare(painting: bytes, stem: str) -> Upload:
    """Fit a painting to Telegram's limits; what already fits is left as it is.

    It decodes and encodes, so call it in a thread.

    Args:
        painting: the finished picture, encoded.
        stem: file name without its suffix.

    Raises:
        OSError: the bytes are not a picture that Pillow opens.
    """
    with Image.open(io.BytesIO(painting)) as image:
        suffix = _SUFFIXES.get(image.format or "", "img")
        width, height = image.size
        if max(width, height) > MAX_RATIO * min(width, height):
            return Upload(data=painting, filename=f"{stem}.{suffix}", photo=False)
        if (
            image.format in {"JPEG", "PNG"}
            and len(painting) <= MAX_BYTES
            and width + height <= MAX_SIDES
        ):
            return Upload(data=painting, filename=f"{stem}.{suffix}")
        return Upload(data=_encode(image.convert("RGB")), filename=f"{stem}.jpg")


def prepare_file(painting: bytes, stem: str) -> Upload:
    """The painting as a file: byte for byte as the engine made it, wherever that is allowed.

    It may decode and encode, so call it in a thread.

    Args:
        painting: the finished picture, encoded.
        stem: file name without its suffix.

    Raises:
        OSError: the bytes are not a picture that Pillow opens.
    """
    with Image.open(io.BytesIO(painting)) as image:
        if len(painting) <= MAX_FILE_BYTES:
            suffix = _SUFFIXES.get(image.format or "", "img")
            return Upload(data=painting, filename=f"{stem}.{suffix}", photo=False)
        buffer = io.BytesIO()
        # Without subsampling, colours keep the resolution that was painted.
        image.convert("RGB").save(buffer, "JPEG", quality=95, subsampling=0)
        return Upload(data=buffer.getvalue(), filename=f"{stem}.jpg", photo=False)


def _encode(image: Image.Image) -> bytes:
    if sum(image.size) > MAX_SIDES:
        scale = MAX_SIDES / sum(image.size)
        width, height = (max(1, int(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= MAX_BYTES:
                return buffer.getvalue()
        image = image.resize(
            (max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.LANCZOS
        )
