"""Names that nothing reads: which of them were meant to be settings, and which matter.

Whoever misspells `ALLOWED_USER_IDS` has not opened the bot to everybody: a name that may have
been meant to say who may use the bot stops the start. In `.env` that is any unknown name that
speaks of it or resembles one of those settings. The environment is shared with other programs, so
that only a near miss counts there. Any other unknown name in `.env` is worth a warning.
"""

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.dotenv_file import DotenvFile

ACCESS: Final = frozenset({"ALLOWED_USER_IDS", "ALLOWED_CHAT_IDS", "ADMIN_USER_IDS"})
"""The settings that say who may use the bot, and as what."""

_READ_BY_DOCKER: Final = re.compile(r"(COMPOSE|DOCKER|BUILDKIT|POSTGRES)_\w+")
_SPEAKS_OF_ACCESS: Final = re.compile(r"ALLOW|WHITELIST|PERMITTED|AUTHORI[SZ]ED")
_ALIKE: Final = 0.7
_NEAR_MISS: Final = 0.85
"""Between ADMIN_USER (0.83), which other programs know, and ALLOWED_USER (0.86)."""
_SHOWN: Final = re.compile(r"[\w.-]{1,32}")
"""What a name looks like that is no secret in the wrong place; a token's is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Lines for the host: what stops the start, and what is merely told."""

    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_file(file: DotenvFile, path: Path, known: Collection[str]) -> Verdict:
    """Find what in a file would have no effect, or another one than was meant.

    Args:
        file: what stands in it.
        path: for the lines to name.
        known: the names of all settings, in capitals.
    """
    faults = []
    for unread in file.unread:
        names = [f" ({name})" for name in known if unread.mentions(name)]
        faults.append(
            f"Line {unread.line} of {path}{''.join(names[:1])} cannot be read: "
            "write NAME=value, with quotes around the whole value or none at all."
        )
    warnings = []
    first_lines: dict[str, int] = {}
    for assignment in file.assignments:
        name, where = assignment.name, f"({path}, line {assignment.line})"
        faults += [
            f"{other} stands within the value of another setting: give it its own line {where}."
            for other in _settings_within(assignment.value, known)
        ]
        if name in ACCESS:
            if (first := first_lines.setdefault(name, assignment.line)) != assignment.line:
                faults.append(f"{name} stands on line {first} already: keep one of them {where}.")
            faults += [
                f"{name} refers to ${{{other}}}, which is not set: set it before {where}."
                for other in assignment.empty_references
            ]
        elif _may_mean_access(name, known):
            faults.append(f"{_not_a_setting(name, ACCESS)} {where}")
        elif not (name in known or name in file.references or _READ_BY_DOCKER.fullmatch(name)):
            warnings.append(f"{_not_a_setting(name, known)} {where}")
    return Verdict(faults=tuple(faults), warnings=tuple(warnings))


def judge_environment(names: Iterable[str], known: Collection[str]) -> list[str]:
    """A line for each of the near misses of the access settings among the environment's names."""
    unknown = sorted({name.upper() for name in names}.difference(known))
    return [
        f"{_not_a_setting(name, ACCESS)} (environment)"
        for name in unknown
        if _closest(name, ACCESS, _NEAR_MISS)
    ]


def _settings_within(value: str, known: Collection[str]) -> list[str]:
    """The access settings that a value holds a second assignment of, however spelt."""
    names = (match[1].upper() for match in re.finditer(r"([\w-]+)[^\S\n]*=", value))
    return [name for name in names if name in ACCESS or _may_mean_access(name, known)]


def _may_mean_access(name: str, known: Collection[str]) -> bool:
    if name in known:
        return False
    return bool(_SPEAKS_OF_ACCESS.search(name) or _closest(name, ACCESS, _ALIKE))


def _not_a_setting(name: str, meant: Collection[str]) -> str:
    shown = name if _SHOWN.fullmatch(name) else "A name"
    closest = _closest(name, meant, 0.6) or ("ALLOWED_USER_IDS" if meant is ACCESS else None)
    if closest is None:
        return f"{shown} is not a setting, nothing reads it"
    return f"{shown} is not a setting; did you mean {closest}?"


def _closest(name: str, names: Collection[str], cutoff: float) -> str | None:
    # Sorted, since it is a set's order that would decide between two that are as close.
    return next(iter(difflib.get_close_matches(name, sorted(names), 1, cutoff)), None)
