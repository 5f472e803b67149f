"""The styles to choose from: those that ship with Atelier, and the host's own.

The host puts pictures into a folder (STYLES_DIR); a picture's file name is its style's name. A
picture of the host's that has the name of a shipped style takes its place.
"""

import contextlib
import difflib
import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core import (
    AspectRatioError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    NotAnImageError,
    TruncatedImageError,
    UnsupportedImageError,
    open_image,
)

log = logging.getLogger(__name__)

PICTURES: Final = Path(__file__).parent / "pictures"

LONGEST_NAME: Final = 32
"""Characters of a name; more are cut off."""


def N_(message: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """Marks a text for extraction; it is translated where it is shown."""
    return message


TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "starlight": N_("Starlight"),
        "garden": N_("Water garden"),
        "pastel": N_("Pastel evening"),
        "pointillism": N_("Sunday in dots"),
        "woodcut": N_("Great wave woodcut"),
        "engraving": N_("Moonlit engraving"),
        "halftone": N_("Comic halftone"),
        "stained-glass": N_("Stained glass"),
        "mosaic": N_("Mosaic"),
        "tapestry": N_("Tapestry"),
        "embroidery": N_("Embroidery"),
        "batik": N_("Batik"),
        "ink-wash": N_("Ink wash"),
        "watercolour": N_("Watercolour"),
        "marbling": N_("Marbled paper"),
        "cubism": N_("Cubism"),
        "gilded": N_("Gilded"),
    }
)
"""The shipped styles in the order of the gallery, and what people read under their pictures."""

_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "comic": "halftone",
        "dots": "pointillism",
        "glass": "stained-glass",
        "gold": "gilded",
        "ink": "ink-wash",
        "marble": "marbling",
        "oil": "starlight",
        "watercolor": "watercolour",
        "weaving": "tapestry",
    }
)
"""Other words that people try; a style of that very name goes before them."""


@dataclass(frozen=True, slots=True)
class Style:
    """A picture whose style can be painted in.

    Attributes:
        name: what people type after `/stylize`: lower case, words joined by hyphens.
        title: what people read: English, to be translated if it is a shipped style's; the
            host's own have their file's name.
        path: of the picture.
        shipped: whether it is Atelier's own, so that its title has translations.
    """

    name: str
    title: str
    path: Path
    shipped: bool = True


def normalised(text: str) -> str:
    """The name that a text means: `Stained  Glass!` and `stained_glass` are `stained-glass`.

    Letters of every script are kept. The result is empty when the text has none.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain)[:LONGEST_NAME].strip("-")


class Gallery:
    """All styles that everybody may choose.

    Args:
        styles_dir: The host's own pictures, one style per file; hidden files and folders in it
            are passed over. None: only the shipped styles.
    """

    def __init__(self, styles_dir: Path | None = None) -> None:
        self._folder = styles_dir
        self._complaints: set[str] = set()
        self._styles: Mapping[str, Style] = MappingProxyType({})
        self._read: set[tuple[str, int, int]] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Reads the host's folder again if its files are others than last time.

        It looks at the disk, so call it from a thread where that would wait.
        """
        present: set[tuple[str, int, int]] = set()
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                present.add((path.name, status.st_mtime_ns, status.st_size))
        if present != self._read:
            self._read = present
            self.reload()

    def reload(self) -> None:
        """Reads the host's folder again; what is wrong with a file is logged only once.

        It opens every picture there, so call it from a thread where that would wait.
        """
        styles = {
            name: Style(name, title, PICTURES / f"{name}.jpg") for name, title in TITLES.items()
        }
        own: dict[str, Style] = {}
        for path in self._files():
            name = normalised(path.stem)
            if not name:
                self._complain(path, "its name has no letters")
            elif name in own:
                self._complain(path, f"{own[name].path.name} already has the name {name}")
            elif self._readable(path):
                title = unicodedata.normalize("NFKC", path.stem).replace("_", " ").strip()
                own[name] = Style(name, title, path, shipped=False)
        self._styles = MappingProxyType(styles | own)

    @property
    def styles(self) -> tuple[Style, ...]:
        """All styles: the shipped ones in their order, then the host's by name."""
        return tuple(self._styles.values())

    def find(self, text: str) -> Style | None:
        """The style that somebody means by a name, a title or a common other word for it."""
        name = normalised(text)
        if name in self._styles:
            return self._styles[name]
        joined = name.replace("-", "")
        for style in self._styles.values():
            if joined in {style.name.replace("-", ""), normalised(style.title).replace("-", "")}:
                return style
        return self._styles.get(_ALIASES.get(name, ""))

    def suggestions(self, text: str, most: int = 3) -> tuple[Style, ...]:
        """Styles whose names are like what somebody typed, the likeliest first."""
        name = normalised(text)
        words = {
            word: style
            for style in self._styles.values()
            for word in (normalised(style.title), style.name)
        }
        close = difflib.get_close_matches(name, words, n=2 * most, cutoff=0.6)
        begun = [word for word in words if len(name) > 2 and name in word]
        found = {words[word].name: words[word] for word in (*close, *begun)}
        return tuple(found.values())[:most]

    def _files(self) -> Iterable[Path]:
        if self._folder is None:
            return ()
        try:
            files = sorted(self._folder.iterdir(), key=lambda path: (path.stem, path.suffix))
        except OSError as error:
            self._complain(self._folder, error.strerror or "it cannot be read")
            return ()
        return [path for path in files if path.is_file() and not path.name.startswith(".")]

    def _readable(self, path: Path) -> bool:
        try:
            open_image(path)
        except (ImageError, OSError) as error:
            self._complain(path, _fault(error))
            return False
        return True

    def _complain(self, path: Path, why: str) -> None:
        complaint = f"{path}: {why}"
        if complaint not in self._complaints:
            self._complaints.add(complaint)
            log.warning("STYLES_DIR: no style from %s", complaint)


def _fault(error: ImageError | OSError) -> str:
    """What is wrong with a picture, in words for the host who put it there."""
    match error:
        case NotAnImageError():
            why = "it is not a picture"
        case UnsupportedImageError(format=name):
            why = f"its format ({name}) cannot be read" if name else "its format cannot be read"
        case TruncatedImageError():
            why = "it is damaged or incomplete"
        case ImageTooLargeError(limit=limit, unit=unit):
            why = f"it has more than {limit:g} {unit}"
        case ImageTooSmallError(minimum=minimum):
            why = f"each of its sides needs {minimum} pixels"
        case AspectRatioError(limit=limit):
            why = f"its long side is more than {limit:g} times its short one"
        case OSError(strerror=str(reason)):
            why = reason
        case _:
            why = "it cannot be read as a picture"
    return why
