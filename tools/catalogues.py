"""`python -m tools.catalogues`: bring the languages up to date with the code (`make words`).

It extracts the English sentences, which stand in the code, into `locales/atelier.pot`, merges
them into each language's `atelier.po` for people, and compiles that into the `atelier.mo` for
the bot, all with Babel. The exit code is 1 while a language lacks a translation. All of the
files are committed, so that a fresh clone speaks every language without a step of its own.
"""

import argparse
import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.words import DOMAIN, LOCALES

PACKAGE: Final = LOCALES.parents[1]

_METHODS: Final = [("sandbox/**", "ignore"), ("demo/**", "ignore"), ("**.py", "python")]
"""The sandbox is Telegram's side and the demo people's: nothing there is said by Atelier."""
_KEYWORDS: Final = {"text": None, "count": (1, 2), "N_": None}
"""`Words.text`, `Words.count`, and the mark for texts that are translated elsewhere."""
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands in compiled files, which would otherwise differ each time."""
_NOTE: Final = "Translators:"
_HEADER: Final = "# Atelier's sentences. English is the source; see docs/words.md.\n#"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; see this module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tools.catalogues", description=__doc__)
    parser.add_argument("--new", metavar="LANGUAGE", help="begin a language, such as nl or pt_BR")
    options = parser.parse_args(arguments)
    if options.new is not None:
        begin(options.new)
    lacking = renew()
    for language, number in lacking.items():
        sys.stdout.write(f"{language:8} {f'{number} to translate' if number else 'complete'}\n")
    return int(any(lacking.values()))


def extract(package: Path = PACKAGE) -> Catalog:
    """All messages in the code, in the order of the files."""
    template = _empty(None)
    found = extract_from_dir(
        package,
        method_map=_METHODS,
        keywords=_KEYWORDS,
        comment_tags=(_NOTE,),
        strip_comment_tags=True,
        directory_filter=_speaks,
    )
    for path, line, message, comments, context in sorted(found, key=lambda hit: hit[:2]):
        template.add(
            message,
            locations=[((Path(package.name) / path).as_posix(), line)],
            auto_comments=comments,
            context=context,
        )
    return template


def _speaks(folder: str | os.PathLike[str]) -> bool:
    # SQLAlchemy's `text` is a statement, and not a sentence.
    return Path(folder).name not in {"__pycache__", "ledger"}


def languages(locales: Path = LOCALES) -> list[str]:
    """The codes of all languages but English that have a catalogue for translators."""
    return sorted(path.parents[1].name for path in locales.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(language: str, locales: Path = LOCALES) -> Catalog:
    """One language's catalogue, or an empty one where there is none yet."""
    path = _path(locales, language, "po")
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def begin(language: str, locales: Path = LOCALES) -> None:
    """Make an empty catalogue for a language, unless it has one.

    Raises:
        babel.UnknownLocaleError: Babel knows no such language.
    """
    path = _path(locales, language, "po")
    if not path.exists():
        fresh = _empty(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered(fresh))


def read_template(locales: Path = LOCALES) -> Catalog:
    """The template as it was last extracted."""
    with (locales / f"{DOMAIN}.pot").open("rb") as file:
        return read_po(file, domain=DOMAIN)


def update(template: Catalog, catalogue: Catalog) -> Catalog:
    """The catalogue with exactly the template's messages; what is new is left to translate.

    Nothing is guessed from similar messages: a wrong sentence is worse than an English one.
    """
    fresh = _empty(str(catalogue.locale))
    for message in messages(template):
        known = catalogue.get(message.id, message.context)
        fresh.add(
            message.id,
            string=known.string if known is not None else "",
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known is not None else (),
            flags=known.flags & {"fuzzy"} if known is not None else (),
            context=message.context,
        )
    return fresh


def messages(catalogue: Catalog) -> Iterator[Message]:
    """A catalogue's messages without its header."""
    return (message for message in catalogue if message.id)


def rendered(catalogue: Catalog) -> bytes:
    """The catalogue as its file's bytes; line numbers would change with every edit of the code."""
    for message in catalogue:
        # Babel takes "40 % of" for an old format string; ours are all `{named}`.
        message.flags.discard("python-format")
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=99, include_lineno=False, ignore_obsolete=True)
    # Times say nothing about the words, and would differ each time.
    times = (b'"POT-Creation-Date', b'"PO-Revision-Date')
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(times))


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it; fuzzy messages are left out."""
    catalogue.creation_date = _NO_TIME
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def renew(locales: Path = LOCALES, package: Path = PACKAGE) -> dict[str, int]:
    """Bring template, catalogues and compiled files up to date with the code.

    Returns:
        How many messages each language still lacks.
    """
    template = extract(package)
    (locales / f"{DOMAIN}.pot").write_bytes(rendered(template))
    lacking = {}
    for language in languages(locales):
        catalogue = update(template, read(language, locales))
        _path(locales, language, "po").write_bytes(rendered(catalogue))
        # What was written is what counts.
        _path(locales, language, "mo").write_bytes(compiled(read(language, locales)))
        lacking[language] = sum(not is_translated(message) for message in messages(catalogue))
    return lacking


def is_translated(message: Message) -> bool:
    """Whether a message has all its forms and nobody doubts them."""
    return all(forms(message)) and not message.fuzzy


def forms(message: Message) -> tuple[str, ...]:
    """The translation's plural forms; one where there is no plural."""
    if isinstance(message.string, list | tuple):
        return tuple(message.string)
    return (message.string or "",)


def _path(locales: Path, language: str, kind: str) -> Path:
    return locales / language / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


def _empty(language: str | None) -> Catalog:
    if language is not None:
        Locale.parse(language)
    return Catalog(
        locale=language,
        domain=DOMAIN,
        header_comment=_HEADER,
        project="Atelier",
        version="1",
        copyright_holder="Atelier's contributors",
        msgid_bugs_address="the project's issues",
        last_translator="Atelier's contributors",
        language_team=language or "",
        fuzzy=False,
    )


if __name__ == "__main__":
    sys.exit(main())
