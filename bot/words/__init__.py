"""Every sentence that people read, in their language: gettext catalogues behind two methods.

The English sentence stands in the code where it is used and is the message id; Babel extracts
it from the calls of `Words.text` and `Words.count` (`tools.catalogues`).
"""

import gettext
from collections.abc import Iterable
from pathlib import Path

from babel.numbers import format_decimal

DOMAIN = "atelier"
LOCALES = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"


class Words:
    """The sentences of one language."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def text(self, message: str, /, **values: object) -> str:
        """Translate `message`, then fill its `{placeholders}` from `values`."""
        return self._translations.gettext(message).format_map(values)

    def count(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """Translate the form that fits `number`, which fills `{number}`."""
        message = self._translations.ngettext(singular, plural, number)
        return message.format_map({"number": number, **values})

    def seconds(self, seconds: float) -> str:
        """Say a duration as people do: "about 40 seconds", "about 3 minutes"."""
        if seconds < 2.5:
            return self.text("a moment")
        if seconds < 55:
            step = 1 if seconds < 10 else 5
            rounded = max(step, round(seconds / step) * step)
            return self.count("about {number} second", "about {number} seconds", rounded)
        minutes = max(1, round(seconds / 60))
        if minutes < 90:
            return self.count("about {number} minute", "about {number} minutes", minutes)
        return self.count("about {number} hour", "about {number} hours", round(minutes / 60))

    def volume(self, size: float) -> str:
        """Bytes as people read them: "0 MB", "12 MB", "3.4 GB", with the language's own marks."""
        megabytes = size / 1_000_000
        if round(megabytes) < 1000:
            return self.text("{amount} MB", amount=self._number(megabytes, "#,##0"))
        return self.text("{amount} GB", amount=self._number(megabytes / 1000, "#,##0.0"))

    def _number(self, number: float, pattern: str) -> str:
        return format_decimal(number, pattern, locale=self.language)


class Library:
    """All languages that Atelier speaks, found once at start in its catalogues."""

    def __init__(self, locales: Path = LOCALES) -> None:
        self._words = {SOURCE_LANGUAGE: Words(SOURCE_LANGUAGE, gettext.NullTranslations())}
        for catalogue in sorted(locales.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
            language = catalogue.parent.parent.name
            with catalogue.open("rb") as file:
                self._words[language] = Words(language, gettext.GNUTranslations(file))

    @property
    def languages(self) -> Iterable[str]:
        """The codes of all languages, English first."""
        return self._words.keys()

    def words(self, language_code: str | None) -> Words:
        """The closest language to an IETF tag as Telegram sends it (User.language_code).

        `pt-br` is Portuguese here, and every `zh-...` is Chinese in simplified characters, which
        its readers prefer to English.
        """
        language = (language_code or SOURCE_LANGUAGE).replace("-", "_")
        exact = self._words.get(language)
        if exact is not None:
            return exact
        primary = language.partition("_")[0].casefold()
        for code, words in self._words.items():
            if code.partition("_")[0] == primary:
                return words
        return self._words[SOURCE_LANGUAGE]


def telegram_code(language: str) -> str:
    """The two-letter code (ISO 639-1) that Telegram wants for menus and profile texts."""
    return language.partition("_")[0]
