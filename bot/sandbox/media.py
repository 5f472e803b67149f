"""Attachments made the way Telegram makes them: JPEGs of several sizes, thumbnails, measures."""

import io
import warnings
from collections.abc import Mapping
from pathlib import PurePosixPath

from PIL import Image, ImageOps

from bot.sandbox.files import FileStore
from bot.sandbox.model import Media, Photo, PhotoSize

_PHOTO_SIDES = (90, 320, 800, 1280)
"""Long sides in pixels of the sizes of a photo; none is larger than the last."""
_THUMBNAIL_SIDE = 320
_JPEG_QUALITY = 87


class UnreadableImageError(ValueError):
    """Bytes that are no picture, or one that must not be unpacked."""


def open_image(data: bytes) -> Image.Image:
    """Read a picture upright, on white and in RGB, as Telegram's apps do with a photo.

    Raises:
        UnreadableImageError: The bytes are no picture, broken, or larger than is sane.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                upright = ImageOps.exif_transpose(image)
                if not upright.has_transparency_data:
                    return upright.convert("RGB")
                rgba = upright.convert("RGBA")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnreadableImageError(str(error)) from error
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def photo(files: FileStore, image: Image.Image) -> Photo:
    """Store a picture as a photo: JPEGs of several sizes, none enlarged."""
    longest = min(max(image.size), _PHOTO_SIDES[-1])
    sides = (*(side for side in _PHOTO_SIDES if side < longest), longest)
    return Photo(tuple(_jpeg(files, image, side, "photos") for side in sides))


def document(files: FileStore, data: bytes, filename: str, mime_type: str) -> Media:
    """Store bytes as they are, with a thumbnail if they are a picture."""
    named = {"file_name": filename, "mime_type": mime_type}
    fields = {name: value for name, value in named.items() if value}
    return media(files, "document", data, fields, PurePosixPath(filename).suffix.lower())


def animation(files: FileStore, data: bytes, filename: str, mime_type: str) -> Media:
    """Store a moving picture."""
    width, height = _measure(data, (320, 240))
    fields = {
        "width": width,
        "height": height,
        "duration": 1,
        "file_name": filename,
        "mime_type": mime_type,
    }
    return media(files, "animation", data, fields, PurePosixPath(filename).suffix.lower())


def sticker(
    files: FileStore, data: bytes, *, emoji: str = "", animated: bool = False, video: bool = False
) -> Media:
    """Store a sticker: static WebP, animated TGS or video WebM."""
    width, height = (512, 512) if animated or video else _measure(data, (512, 512))
    fields = {
        "type": "regular",
        "width": width,
        "height": height,
        "is_animated": animated,
        "is_video": video,
        **({"emoji": emoji} if emoji else {}),
    }
    suffix = ".tgs" if animated else ".webm" if video else ".webp"
    return media(files, "sticker", data, fields, suffix)


def media(
    files: FileStore, kind: str, data: bytes, fields: Mapping[str, object], suffix: str = ""
) -> Media:
    """Store a file of any kind, with a thumbnail if it is a picture.

    Args:
        files: Where to.
        kind: Name of the message's field: "document", "video", "voice" and the like.
        data: Its bytes.
        fields: What the Bot API object has besides file and thumbnail.
        suffix: Of its path.
    """
    stored = files.add(data, f"{kind}s", suffix)
    try:
        thumbnail = _jpeg(files, open_image(data), _THUMBNAIL_SIDE, "thumbnails")
    except UnreadableImageError:
        thumbnail = None
    return Media(kind, stored, tuple(fields.items()), thumbnail)


def _jpeg(files: FileStore, image: Image.Image, longest: int, folder: str) -> PhotoSize:
    """Store a picture with at most this long side, in pixels."""
    scale = min(1.0, longest / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    smaller = image if scale == 1.0 else image.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    smaller.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return PhotoSize(files.add(buffer.getvalue(), folder, ".jpg"), width, height)


def _measure(data: bytes, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Read a picture's size from its header; some other size if it has none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except OSError:
        return otherwise
