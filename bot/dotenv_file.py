"""What stands in `.env`: each assignment with its line, and the lines that cannot be read as one.

The rules of quoting, comments and `${NAME}` are python-dotenv's. Where it would drop a line with
a warning, the line is kept here, so that whoever reads settings can refuse to go on without it.
"""

import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream
from dotenv.variables import Variable, parse_variables

_AS_IT_STANDS: Final = re.compile(r"(?:export\s+)?'?(\w+)'?\s*=(.*?)(?:\s#.*)?")


class DotenvError(Exception):
    """The file is there and cannot be read; the text says why and what to do, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A line `NAME=value`.

    Attributes:
        line: its number, from 1.
        name: in capitals.
        value: without quotes and comment, each `${NAME}` replaced; it has no line breaks.
        empty_references: the names between `${` and `}` that came to nothing.
    """

    line: int
    name: str
    value: str
    empty_references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """A line that is no assignment and no comment, or the first of several that run together."""

    line: int
    text: str

    def mentions(self, name: str) -> bool:
        """Whether a name in capitals stands in it, in whatever case."""
        return name in self.text.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class DotenvFile:
    """What a file holds, in its order; `references` are the names that its values refer to."""

    assignments: tuple[Assignment, ...] = ()
    unread: tuple[UnreadLine, ...] = ()
    references: frozenset[str] = frozenset()


def read(path: Path, environment: Mapping[str, str], *, lists: Collection[str]) -> DotenvFile:
    """Read a file of assignments; one that is not there counts as empty.

    Args:
        path: the file.
        environment: what `${NAME}` may refer to beside the file's own lines.
        lists: names in capitals whose value is taken as it stands, quotes and all, as in
            `NAME='1','2'`: what reads them judges it.

    Raises:
        DotenvError: something is there that is no readable file of UTF-8 text.
    """
    assignments: list[Assignment] = []
    unread: list[UnreadLine] = []
    references: set[str] = set()
    scope: dict[str, str | None] = dict(environment)
    for binding in parse_stream(io.StringIO(_text(path))):
        if not binding.error and binding.key is None:
            continue  # a comment, or the empty lines at the end
        text, line = binding.original.string.strip(), _line(binding)
        name, value = binding.key, binding.value
        match = _AS_IT_STANDS.fullmatch(text)
        if match and match[1].upper() in lists:
            name, value = match[1], match[2].strip()
        if name is None or value is None or "\n" in value:
            unread.append(UnreadLine(line=line, text=text))
            continue
        atoms = list(parse_variables(value))
        variables = [atom for atom in atoms if isinstance(atom, Variable)]
        empty = tuple(atom.name for atom in variables if not atom.resolve(scope).strip())
        references.update(variable.name.upper() for variable in variables)
        scope[name] = value = "".join(atom.resolve(scope) for atom in atoms)
        assignments.append(
            Assignment(line=line, name=name.upper(), value=value, empty_references=empty)
        )
    return DotenvFile(
        assignments=tuple(assignments), unread=tuple(unread), references=frozenset(references)
    )


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            return ""
        reason = error.strerror or str(error)
    else:
        if "\0" not in text:
            return text
        reason = "it is not UTF-8 text"
    # Docker makes a folder where a file that is to be mounted does not exist.
    what = "must be a file of NAME=value lines that the bot's user may read, or not be there"
    raise DotenvError(f"{path} cannot be read ({reason}): it {what}.")


def _line(binding: Binding) -> int:
    """The line on which a binding's own text begins; what is before it are empty lines."""
    whole = binding.original.string
    return binding.original.line + whole[: len(whole) - len(whole.lstrip())].count("\n")
