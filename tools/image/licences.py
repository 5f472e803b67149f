"""Which files in an environment are licences."""

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(?i)(.*[-_.])?(licen[cs]es?|copying|copyright|notices?|authors)\b.*")

_FOLDERS: Final = {"licenses", "licences", "LICENSES"}


def is_licence(path: Path) -> bool:
    """Whether a file is a licence, or belongs to one, by its name or a folder's around it."""
    return path.suffix not in {".py", ".pyc", ".h"} and (
        not _FOLDERS.isdisjoint(path.parent.parts) or bool(_NAME.fullmatch(path.name))
    )
