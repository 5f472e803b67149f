"""One frozen settings object from the environment and `.env`, with readable complaints.

The names are fixed: each field is the environment variable of the same name in capitals.
"""

import contextlib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url

from bot import dotenv_file, setting_names
from bot.database_url import insist_on_usable, with_driver
from bot.dotenv_file import DotenvError, DotenvFile
from bot.listen_address import ListenAddress
from bot.webhook_settings import SECRET_SHAPE, public_address

TELEGRAM_API_URL: Final = "https://api.telegram.org"
LEDGER_FILE: Final = "ledger.sqlite3"
TOKEN_SHAPE: Final = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
"""A bot's numeric id, a colon, and the secret (35 characters today, not promised to stay so)."""

_ADVICE: Final = {
    "telegram_bot_token": "ask @BotFather in Telegram for one and set it in .env",
    "telegram_api_url": "give its address alone, like http://127.0.0.1:8081, or leave it out",
    "webhook_url": "set the public https address of this bot, like https://example.org/telegram",
    "webhook_listen": "set host:port, like 127.0.0.1:8080",
    "webhook_secret": "set 1 to 256 letters, digits, - and _, or leave it out",
    "data_dir": "name a directory that the bot may write to",
    "database_url": "set postgresql://user:password@host/name, or leave it out for SQLite",
    "allowed_user_ids": "list whole numbers with commas between them, like 123456,234567",
    "allowed_chat_ids": "list whole numbers with commas between them, like 123456,-1001234567890",
    "admin_user_ids": "list whole numbers with commas between them, like 123456,234567",
    "engine_devices": "set auto, cpu, none, or GPU numbers with commas, like 0,1",
    "image_size": "set a whole number of pixels from 32 to 4096, or leave it out",
    "iterations": "set a whole number from 1 to 10000, or leave it out",
    "max_orders_per_user": "set a whole number from 1 to 1000",
    "log_level": "set debug, info, warning, error or critical",
    "log_format": "set text or json",
    "retention_days": "set a whole number of days from 0 to 3650",
    "styles_dir": "name a directory with pictures in it, or leave it out",
    "status_listen": "set host:port, like 127.0.0.1:9090, or leave it out",
}
_NEVER_SHOWN: Final = frozenset(
    {"telegram_bot_token", "telegram_api_url", "webhook_url", "webhook_secret", "database_url"}
)
"""What may hold a secret (a token pasted behind the server's address, a database's password)."""

Ids = Annotated[frozenset[int], NoDecode]
EngineDevices = Literal["auto", "cpu"] | tuple[int, ...]
"""What paints here; the numbers are those of GPUs, and if there are none, nothing does."""


class SettingsError(Exception):
    """The settings cannot be used.

    Attributes:
        faults: one line for each fault; none of them holds a secret.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """Everything that a host decides. The environment wins over `.env`; empty means unset."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr
    telegram_api_url: str | None = Field(default=None, repr=False)
    webhook_url: str | None = Field(default=None, repr=False)
    webhook_listen: Annotated[ListenAddress, NoDecode] = ListenAddress(host="127.0.0.1", port=8080)
    webhook_secret: SecretStr | None = None
    data_dir: Path = Path("data")
    database_url: str | None = Field(default=None, repr=False)
    allowed_user_ids: Ids = frozenset()
    allowed_chat_ids: Ids = frozenset()
    admin_user_ids: Ids = frozenset()
    engine_devices: Annotated[EngineDevices, NoDecode] = "auto"
    image_size: int | None = Field(default=None, ge=32, le=4096)
    iterations: int | None = Field(default=None, ge=1, le=10_000)
    max_orders_per_user: int = Field(default=5, ge=1, le=1000)
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    log_format: Literal["text", "json"] = "text"
    retention_days: int = Field(default=7, ge=0, le=3650)
    styles_dir: Path | None = None
    status_listen: Annotated[ListenAddress | None, NoDecode] = None
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def load(cls, env_file: Path | None = Path(".env")) -> Self:
        """Read the settings.

        Args:
            env_file: a file of `NAME=value` lines; one that is not there counts as empty.

        Raises:
            SettingsError: with one line for each fault.
        """
        known = [name.upper() for name in cls.model_fields]
        file, path = DotenvFile(), env_file or Path()
        try:
            if env_file is not None:
                file = dotenv_file.read(env_file, os.environ, lists=setting_names.ACCESS)
        except DotenvError as error:
            raise SettingsError([str(error)]) from None
        judged = setting_names.judge_file(file, path, known)
        faults = [*judged.faults, *setting_names.judge_environment(os.environ, known)]
        set_already = {name.upper() for name, value in os.environ.items() if value.strip()}
        arguments: dict[str, Any] = {
            assignment.name.lower(): assignment.value
            for assignment in file.assignments
            if assignment.name not in set_already and assignment.value.strip()
        }
        try:
            settings = cls(**arguments)
        except ValidationError as error:
            faults += [
                _fault(str(detail["loc"][0]), detail["type"], detail["msg"], detail["input"])
                for detail in error.errors(include_url=False, include_context=False)
                # What an unread line would have said is not missing.
                if detail["type"] != "missing"
                or not any(line.mentions(str(detail["loc"][0]).upper()) for line in file.unread)
            ]
        if faults:
            # Raised out here so that no cause is chained: pydantic's own error quotes the input.
            raise SettingsError(list(dict.fromkeys(faults)))
        settings._warnings = judged.warnings
        return settings

    @property
    def warnings(self) -> tuple[str, ...]:
        """Lines about what stands in the file and has no effect."""
        return self._warnings

    @property
    def api_url(self) -> str:
        """The Bot API server: requests go to `<url>/bot<token>/<method>`. No slash at its end."""
        return self.telegram_api_url or TELEGRAM_API_URL

    @property
    def ledger_url(self) -> str:
        """The SQLAlchemy URL of the ledger, with an asynchronous driver. It may hold a password."""
        if self.database_url is not None:
            return with_driver(self.database_url)
        path = self.data_dir.absolute() / LEDGER_FILE
        return URL.create("sqlite+aiosqlite", database=str(path)).render_as_string()

    @property
    def has_workers(self) -> bool:
        """Whether workers on other machines may paint: they meet the bot in PostgreSQL."""
        return make_url(self.ledger_url).get_backend_name() == "postgresql"

    @field_validator("telegram_bot_token", mode="before")
    @classmethod
    def _check_token(cls, value: object) -> object:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if not TOKEN_SHAPE.fullmatch(text.strip()):
            raise ValueError("does not look like a token (123456789:ABC...)")
        return text.strip()

    @field_validator("telegram_api_url")
    @classmethod
    def _check_api_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value.strip())
            usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("is not an http:// or https:// address")
        if parts.query or parts.fragment or TOKEN_SHAPE.search(value):
            raise ValueError("holds more than the server's address")
        return value.strip().rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _check_webhook_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if TOKEN_SHAPE.search(value):
            raise ValueError("holds more than an address and a path")
        own_server = info.data.get("telegram_api_url") not in {None, TELEGRAM_API_URL}
        return public_address(value, own_server=own_server)

    @field_validator("webhook_secret")
    @classmethod
    def _check_webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()
        if not SECRET_SHAPE.fullmatch(text):
            raise ValueError("cannot be used")
        return SecretStr(text)

    @field_validator("data_dir", "styles_dir", mode="after")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        try:
            return None if value is None else value.expanduser()
        except RuntimeError as error:
            raise ValueError("begins with the home of somebody who has none") from error

    @field_validator("data_dir")
    @classmethod
    def _check_data_dir(cls, value: Path) -> Path:
        # What may not even be looked at is told of when it is opened, by whoever opens it.
        with contextlib.suppress(OSError):
            if value.exists() and not value.is_dir():
                raise ValueError("is a file, not a directory")
        return value

    @field_validator("styles_dir")
    @classmethod
    def _check_styles_dir(cls, value: Path | None) -> Path | None:
        try:
            if value is None or value.is_dir():
                return value
        except OSError as error:
            raise ValueError(f"cannot be looked at ({error.strerror})") from error
        raise ValueError("is not a directory")

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        insist_on_usable(value)
        return value

    @field_validator("allowed_user_ids", "allowed_chat_ids", "admin_user_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        return _ids(value) if isinstance(value, str) else value

    @field_validator("allowed_user_ids", "admin_user_ids")
    @classmethod
    def _check_users(cls, value: frozenset[int]) -> frozenset[int]:
        if value and (least := min(value)) < 0:
            raise ValueError(f"holds {least}, a group's id, which belongs in ALLOWED_CHAT_IDS")
        return value

    @field_validator("engine_devices", mode="before")
    @classmethod
    def _split_devices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.strip().lower()
        if text in {"auto", "cpu"}:
            return text
        if text == "none":
            return ()
        parts = [part.strip() for part in text.split(",")]
        if not all(re.fullmatch(r"\d{1,4}", part) for part in parts):
            raise ValueError(f"is {_shown(value)}")
        if len(set(parts)) < len(parts):
            raise ValueError(f"names a GPU twice ({_shown(value)})")
        return tuple(int(part) for part in parts)

    @field_validator("webhook_listen", "status_listen", mode="before")
    @classmethod
    def _read_address(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return ListenAddress.parse(value)
        except ValueError as error:
            raise ValueError(f"is {_shown(value)}") from error

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


def _ids(text: str) -> frozenset[int]:
    """Read a list of ids: commas or semicolons between them, each or the whole perhaps quoted.

    Spaces alone do not divide: they may group the digits of one number.

    Raises:
        ValueError: anything else stands in it, so that it is not certain who is meant.
    """
    text = _unquoted(text)
    parts = [_unquoted(part) for part in re.split("[,;]", text)]
    strange = [part for part in parts if part and not re.fullmatch(r"-?[0-9]{1,19}", part)]
    if strange:
        raise ValueError(f"holds {_shown(strange[0])}, which is not a number")
    if text and not any(parts):
        raise ValueError(f"is {_shown(text)}, in which there is no number")
    return frozenset(int(part) for part in parts if part)


def _unquoted(text: str) -> str:
    match = re.fullmatch(r"""(['"])((?:(?!\1).)*)\1""", text.strip())
    return (match[2] if match else text).strip()


def _fault(field: str, kind: str, message: str, value: object) -> str:
    """Say in one line which variable is wrong, what is wrong with it, and what to do."""
    if kind == "missing":
        what = "is missing"
    elif kind == "value_error":
        what = message.removeprefix("Value error, ")
    elif field in _NEVER_SHOWN:
        what = "cannot be used"
    else:
        what = f"is {_shown(value)}"
    return f"{field.upper()} {what}: {_ADVICE[field]}."


def _shown(value: object) -> str:
    """Quote a faulty value on one short line, unless a token was pasted into the wrong place."""
    text = str(value)
    if re.search(r"\d+:[A-Za-z0-9_-]{10,}", text):
        return "something that looks like a token"
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
