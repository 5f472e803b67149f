"""Where the command line's painting goes: tried before the work, and never lost after it."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from errno import EACCES
from itertools import chain, count
from pathlib import Path
from typing import Final
from uuid import uuid4

import PIL.Image

from core.errors import AtelierError
from core.images import encode_jpeg, encode_png

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp")
"""What the file's name may end in; it decides the format."""


class OutputError(AtelierError):
    """The painting cannot be written where it is to go."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A painting that was written.

    Attributes:
        path: where it is.
        fault: why it is not where it was to go; None: it is.
    """

    path: Path
    fault: str | None = None


def choose(named: str | None, content: str, style: str) -> Path:
    """Decides where the painting goes, and makes sure that it can.

    Args:
        named: the file that was asked for; None: one of its own beside the photo.
        content: path of the photo.
        style: path of the first style.

    Raises:
        OutputError: it cannot be written there.
    """
    photo = Path(content)
    if named is not None:
        out, hint = Path(named), ""
    elif _is_no_file(photo):
        raise OutputError(f"{content} is not a file; say by -o where the painting goes.")
    else:
        out = _free(photo.parent / f"{photo.stem}-by-{Path(style).stem}.jpg")
        hint = "; say by -o where the painting goes"
    try:
        _try(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}{hint}.") from error
    return out


def save(image: PIL.Image.Image, out: Path) -> Saved:
    """Writes a painting; if that fails, to where temporary files go, or wherever it can.

    Args:
        image: RGB.
        out: as `choose` returned it.

    Raises:
        OutputError: it can be written nowhere.
    """
    content = _encoded(image, out.suffix.lower())
    try:
        _write(out, content)
    except OSError as error:
        fault = f"{out} could not be written: {error.strerror}"
    else:
        return Saved(out)
    for folder in (tempfile.gettempdir, Path.cwd, Path.home):
        try:
            descriptor, name = tempfile.mkstemp(out.suffix, "painting-", folder())
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        except (OSError, RuntimeError):  # the latter: nobody's home is known
            continue
        return Saved(Path(name), fault)
    raise OutputError(f"{fault}.")


def _is_no_file(path: Path) -> bool:
    """Whether something is there that is neither a file nor a folder, such as a pipe."""
    try:
        mode = path.stat().st_mode
    except OSError:  # opening it will tell
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _free(path: Path) -> Path:
    """The path, numbered if there is something already."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(name for name in chain([path], numbered) if not os.path.lexists(name))


def _try(out: Path) -> None:
    """Makes sure that `_write` can write there.

    Raises:
        OSError: it cannot.
        OutputError: likewise, in words of its own.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise OutputError(f"{out} must end in one of {' '.join(SUFFIXES)}.")
    target = _target(out)
    with suppress(FileNotFoundError):
        target.stat()
    if target.is_dir():
        raise OutputError(f"{out} is a directory.")
    if not target.parent.is_dir():
        raise OutputError(f"{target.parent} is not a directory.")
    if (partial := _partial(target)) is not None:
        partial.unlink()
    elif target.is_file():
        with target.open("r+b"):
            pass
    elif not os.access(target, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))


def _write(out: Path, content: bytes) -> None:
    """Writes a file beside it and renames that, so that it is never half a picture."""
    target = _target(out)
    partial = _partial(target)
    if partial is None:
        with target.open("r+b" if target.is_file() else "wb") as file:
            file.write(content)
            if target.is_file():
                file.truncate()
        return
    try:
        if target.exists():
            shutil.copymode(target, partial)
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _target(out: Path) -> Path:
    """What is to be written: a link stays one."""
    return Path(os.path.realpath(out))


def _partial(target: Path) -> Path | None:
    """Makes a file to be renamed to the target; None if only that itself can be written.

    So it is with pipes and devices, and where a folder takes no new files.
    """
    if target.exists() and not target.is_file():
        return None
    partial = target.with_name(f".atelier-{uuid4().hex}.part")
    try:
        partial.touch(exist_ok=False)
    except OSError:
        if target.exists():
            return None
        raise
    return partial


def _encoded(image: PIL.Image.Image, suffix: str) -> bytes:
    match suffix:
        case ".jpg" | ".jpeg":
            return encode_jpeg(image)
        case ".png":
            return encode_png(image)
    buffer = io.BytesIO()
    image.save(buffer, PIL.Image.registered_extensions()[suffix])
    return buffer.getvalue()
