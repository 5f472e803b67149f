import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting of the machine's own, and no .env, in the test's way."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)


def faults(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    return caught.value.faults


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.telegram_bot_token.get_secret_value() == TOKEN
    assert settings.api_url == "https://api.telegram.org"
    assert settings.data_dir == Path("data")
    assert make_url(settings.ledger_url).database == str(tmp_path / "data" / "ledger.sqlite3")
    assert make_url(settings.ledger_url).drivername == "sqlite+aiosqlite"
    assert settings.allowed_user_ids == settings.allowed_chat_ids == frozenset()
    assert settings.admin_user_ids == frozenset()
    assert settings.engine_devices == "auto"
    assert settings.image_size is None
    assert settings.iterations is None
    assert settings.max_orders_per_user == 5
    assert (settings.log_level, settings.log_format) == ("info", "text")
    assert settings.retention_days == 7
    assert settings.styles_dir is None


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
        "DATA_DIR": "~/atelier",
        "DATABASE_URL": "postgres://me:p%40ss@db:5433/atelier",
        "ALLOWED_USER_IDS": "1, 2,,3,",
        "ALLOWED_CHAT_IDS": "-1001234567890",
        "ADMIN_USER_IDS": "1",
        "ENGINE_DEVICES": "0, 2",
        "IMAGE_SIZE": "640",
        "ITERATIONS": "12",
        "MAX_ORDERS_PER_USER": "1",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "Json",
        "RETENTION_DAYS": "0",
        "STYLES_DIR": str(tmp_path),
        "SOMETHING_ELSE": "ignored",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert settings.api_url == "http://127.0.0.1:8081"
    assert settings.data_dir == Path.home() / "atelier"
    assert settings.ledger_url == "postgresql+asyncpg://me:p%40ss@db:5433/atelier"
    assert settings.allowed_user_ids == {1, 2, 3}
    assert settings.allowed_chat_ids == {-1001234567890}
    assert settings.admin_user_ids == {1}
    assert settings.engine_devices == (0, 2)
    assert settings.image_size == 640
    assert settings.iterations == 12
    assert settings.max_orders_per_user == 1
    assert (settings.log_level, settings.log_format) == ("debug", "json")
    assert settings.retention_days == 0
    assert settings.styles_dir == tmp_path


def test_the_environment_wins_over_the_file_and_empty_means_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "# a comment\nIMAGE_SIZE=128\nITERATIONS=\nMAX_ORDERS_PER_USER='3'\nUNKNOWN=1\n"
    )
    monkeypatch.setenv("IMAGE_SIZE", "256")
    monkeypatch.setenv("LOG_LEVEL", "")
    settings = Settings.load()
    assert settings.image_size == 256
    assert settings.iterations is None
    assert settings.max_orders_per_user == 3
    assert settings.log_level == "info"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TELEGRAM_API_URL", "ftp://example.org", "not an http"),
        ("TELEGRAM_API_URL", "https://example.org/?a=b", "more than the server's address"),
        ("DATA_DIR", __file__, "is a file"),
        ("DATABASE_URL", "mysql://me:secret@host/db", "SQLite or PostgreSQL"),
        ("DATABASE_URL", "me:secret", "SQLite or PostgreSQL"),
        ("ALLOWED_USER_IDS", "1,two", "'two'"),
        ("ALLOWED_CHAT_IDS", "@group", "'@group'"),
        ("ADMIN_USER_IDS", "1;2", "'1;2'"),
        ("ENGINE_DEVICES", "cuda", "'cuda'"),
        ("ENGINE_DEVICES", "0,0", "twice"),
        ("ENGINE_DEVICES", "-1", "'-1'"),
        ("IMAGE_SIZE", "big", "'big'"),
        ("IMAGE_SIZE", "31", "'31'"),
        ("IMAGE_SIZE", "9999", "'9999'"),
        ("ITERATIONS", "0", "'0'"),
        ("MAX_ORDERS_PER_USER", "1.5", "'1.5'"),
        ("LOG_LEVEL", "loud", "'loud'"),
        ("LOG_FORMAT", "xml", "'xml'"),
        ("RETENTION_DAYS", "-1", "'-1'"),
        ("STYLES_DIR", "/nowhere/at/all", "not a directory"),
    ],
)
def test_each_fault_is_one_line_that_names_variable_fault_and_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    (line,) = faults(monkeypatch, **{name: value})
    assert line.startswith(f"{name} ")
    assert says in line
    assert re.search(r": (set|list|give|name) ", line)
    assert "\n" not in line
    assert "secret" not in line


def test_a_missing_token_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    (line,) = faults(monkeypatch, TELEGRAM_API_URL="")
    assert line.startswith("TELEGRAM_BOT_TOKEN is missing")
    assert "@BotFather" in line


@pytest.mark.parametrize(
    "token", ["hello", TOKEN[:20], TOKEN + " x", "bot" + TOKEN, "x:" + "a" * 35]
)
def test_a_faulty_token_is_never_echoed(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    (line,) = faults(monkeypatch, TELEGRAM_BOT_TOKEN=token)
    assert line.startswith("TELEGRAM_BOT_TOKEN does not look like a token")
    assert token not in line


def test_a_token_in_the_wrong_place_is_not_echoed_either(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = faults(
        monkeypatch,
        ALLOWED_USER_IDS=TOKEN,
        ENGINE_DEVICES=TOKEN,
        IMAGE_SIZE=TOKEN,
        LOG_LEVEL=TOKEN,
        TELEGRAM_API_URL=f"https://api.telegram.org/bot{TOKEN}",
    )
    assert len(lines) == 5
    assert TOKEN[:14] not in "\n".join(lines)


def test_all_faults_are_told_at_once_and_their_cause_is_not_chained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IMAGE_SIZE", "big")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert len(caught.value.faults) == 3
    assert str(caught.value) == "\n".join(caught.value.faults)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_unreadable_file_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "latin.env"
    file.write_bytes("LOG_LEVEL=größer\n".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"latin\.env cannot be read \(it is not UTF-8 text\)"):
        Settings.load(file)


def test_the_token_and_passwords_are_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/atelier")
    settings = Settings.load()
    for text in (repr(settings), str(settings)):
        assert TOKEN not in text
        assert "hunter2" not in text


def test_settings_are_frozen() -> None:
    settings = Settings.load()
    with pytest.raises(ValueError, match="frozen"):
        settings.__setattr__("image_size", 5)


@given(st.sets(st.integers(-(2**52), 2**52)))
def test_lists_of_ids_are_read_whatever_the_spacing(ids: set[int]) -> None:
    text = " , ".join(map(str, sorted(ids)))
    settings = Settings.model_validate({"allowed_chat_ids": text})
    assert settings.allowed_chat_ids == ids


def test_the_example_file_names_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given_values: dict[str, str] = {}
    for number, line in enumerate(lines):
        if match := re.fullmatch(r"#?([A-Z_]+)=(\S*)", line):
            given_values[match[1]] = match[2]
            assert lines[number - 1].startswith("# "), f"{match[1]} is not explained"
    assert given_values.pop("COMPOSE_PROFILES") == "cpu"  # read by Docker, not by the bot
    assert list(given_values) == [name.upper() for name in Settings.model_fields]
    defaults = Settings.load(None)
    for name, value in given_values.items():
        if value:
            monkeypatch.setenv(name, value)
    assert Settings.load(None) == defaults


def test_the_example_file_works_once_the_token_is_filled_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(
        text.replace("TELEGRAM_BOT_TOKEN=", f"TELEGRAM_BOT_TOKEN={TOKEN}")
    )
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    assert Settings.load().telegram_bot_token.get_secret_value() == TOKEN
