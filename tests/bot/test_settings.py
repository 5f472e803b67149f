import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot.listen_address import ListenAddress
from bot.setting_names import ACCESS
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
    assert (settings.webhook_url, settings.webhook_secret) == (None, None)
    assert str(settings.webhook_listen) == "127.0.0.1:8080"
    assert settings.status_listen is None


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
        "STATUS_LISTEN": "[::1]:9090",
        "WEBHOOK_URL": "http://127.0.0.1:8080/telegram",
        "WEBHOOK_LISTEN": "0.0.0.0:81",
        "WEBHOOK_SECRET": "a-b_3",
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
    assert settings.webhook_url == "http://127.0.0.1:8080/telegram"
    assert str(settings.webhook_listen) == "0.0.0.0:81"
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == "a-b_3"
    assert settings.status_listen == ListenAddress(host="::1", port=9090)


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
        ("TELEGRAM_API_URL", "http://example.org:99999", "not an http"),
        ("TELEGRAM_API_URL", "https://example.org/?a=b", "more than the server's address"),
        ("DATA_DIR", __file__, "is a file"),
        ("DATABASE_URL", "mysql://me:secret@host/db", "SQLite or PostgreSQL"),
        ("DATABASE_URL", "me:secret", "SQLite or PostgreSQL"),
        ("DATABASE_URL", "postgres://me:secret/db", "SQLite or PostgreSQL"),
        ("DATABASE_URL", "postgres://me:secret@host/db?timeout=5", "has parameters other than"),
        ("ALLOWED_USER_IDS", "1,two", "'two'"),
        ("ALLOWED_CHAT_IDS", "@group", "'@group'"),
        ("ADMIN_USER_IDS", "1 2", "'1 2'"),
        ("ADMIN_USER_IDS", "'1,2", '"\'1"'),
        ("ALLOWED_USER_IDS", ",", "no number"),
        ("ALLOWED_USER_IDS", "'',''", "no number"),
        ("ALLOWED_USER_IDS", "1,-100123", "-100123, a group's id"),
        ("ENGINE_DEVICES", "cuda", "'cuda'"),
        ("ENGINE_DEVICES", "0,0", "twice"),
        ("ENGINE_DEVICES", "-1", "'-1'"),
        ("ENGINE_DEVICES", "none,0", "'none,0'"),
        ("IMAGE_SIZE", "big", "'big'"),
        ("IMAGE_SIZE", "31", "'31'"),
        ("IMAGE_SIZE", "9999", "'9999'"),
        ("ITERATIONS", "0", "'0'"),
        ("MAX_ORDERS_PER_USER", "1.5", "'1.5'"),
        ("LOG_LEVEL", "loud", "'loud'"),
        ("LOG_FORMAT", "xml", "'xml'"),
        ("RETENTION_DAYS", "-1", "'-1'"),
        ("STYLES_DIR", "/nowhere/at/all", "not a directory"),
        ("WEBHOOK_URL", "http://example.org/", "not an https:// address: set the public"),
        ("WEBHOOK_URL", "https://", "not an https:// address"),
        ("WEBHOOK_URL", "https://example.org:x/", "no address"),
        ("WEBHOOK_URL", "https://example.org:8080/", "names port 8080"),
        ("WEBHOOK_URL", "https://example.org/?a=b", "more than an address"),
        ("WEBHOOK_URL", f"https://example.org/{TOKEN}", "more than an address"),
        ("WEBHOOK_LISTEN", "8080", "'8080': set host:port"),
        ("WEBHOOK_SECRET", "not a secret", "cannot be used: set 1 to 256 letters"),
        ("STATUS_LISTEN", "9090", "'9090': set host:port"),
        ("STATUS_LISTEN", "localhost:0", "'localhost:0': set host:port"),
        ("STYLES_DIR", "~no-such-person/styles", "home of somebody"),
        ("STYLES_DIR", "x" * 999, "cannot be looked at (File name too long)"),
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


@pytest.mark.parametrize(
    "value",
    ["1,2", "1;2", " 1 , 2 ,", "'1','2'", '"1", "2"', "'1,2'", "'1';2", "\"'1','2'\"", "02,1"],
)
def test_a_list_of_ids_may_be_quoted_and_divided_in_any_way_that_is_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (tmp_path / ".env").write_text(f"export ALLOWED_USER_IDS = {value}  # it's them\n")
    assert Settings.load().allowed_user_ids == {1, 2}
    monkeypatch.setenv("ADMIN_USER_IDS", value.strip('"') if "'1'" in value else value)
    assert Settings.load().admin_user_ids == {1, 2}


@pytest.mark.parametrize("value", ["", " ", "''", '""', "# nobody yet", '"" # nobody yet'])
def test_an_empty_list_is_no_list(tmp_path: Path, value: str) -> None:
    (tmp_path / ".env").write_text(f"ALLOWED_USER_IDS= {value}\n")
    assert Settings.load().allowed_user_ids == frozenset()


ODD = st.text(st.sampled_from("0123456789-,; '\"\\\t#=${}:xA_\n\r\x0b\u2028\u0660"), max_size=24)


@settings(
    deadline=None, max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=ODD, value=ODD, after=ODD)
def test_whatever_stands_in_the_line_the_ids_written_are_meant_or_the_start_is_refused(
    tmp_path: Path, before: str, value: str, after: str
) -> None:
    before, after = (re.sub(r"[\n\r]", " ", text) for text in (before, after))
    file = tmp_path / "odd.env"
    file.write_text(
        f"#{before}\nALLOWED_USER_IDS={value}\n#{after}\n", encoding="utf-8", newline=""
    )
    try:
        allowed = Settings.load(file).allowed_user_ids
    except SettingsError:
        return
    # What follows the line's end, or a # behind a space, was not written as a part of the list.
    written = re.sub(r"(^|\s)\s*#.*", "", re.split(r"[\n\r]", value)[0])
    assert allowed == {int(number) for number in re.findall(r"-?[0-9]+", written)}
    assert allowed or re.fullmatch(r"""\s*('\s*'|"\s*")?\s*""", written)


@settings(deadline=None)
@given(st.sampled_from(sorted(ACCESS)), st.integers(0, 30), st.text(max_size=2), st.booleans())
def test_an_access_setting_is_never_misspelt_without_a_word(
    name: str, at: int, letters: str, drops: bool
) -> None:
    at %= len(name) + 1
    misspelt = name[:at] + letters + name[at + drops :]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ".env"
        file.write_text(f"{misspelt}=1\n", encoding="utf-8", newline="")
        try:
            loaded = Settings.load(file)
        except SettingsError:
            return
    if misspelt.lstrip().startswith("#") or getattr(loaded, name.lower()) == {1}:
        return
    # Cut in two by an =, it may be none of the names that admins go by: that opens nothing.
    assert name == "ADMIN_USER_IDS"
    assert loaded.warnings


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            "ALLOWED_USERS_IDS=1",
            "ALLOWED_USERS_IDS is not a setting; did you mean ALLOWED_USER_IDS?",
        ),
        ("Allowed_Users=1", "did you mean ALLOWED_USER_IDS?"),
        ("ALLOWED_GROUPS=-1", "is not a setting; did you mean ALLOWED_"),
        ("WHITELIST=1", "WHITELIST is not a setting; did you mean ALLOWED_USER_IDS?"),
        ("ADMIN_IDS=1", "did you mean ADMIN_USER_IDS?"),
        ("ALLOWED_USER_IDS: 1", "Line 3 of .env (ALLOWED_USER_IDS) cannot be read"),
        ("ALLOWED_USER_IDS", "Line 3 of .env (ALLOWED_USER_IDS) cannot be read"),
        ("ALLOWED_USER_IDS=1,\n2", "Line 4 of .env cannot be read"),
        ("ALLOWED_USER_IDS=1\nALLOWED_USER_IDS=", "stands on line 3 already: keep one of them"),
        ("ALLOWED_USER_IDS=${FRIENDS}", "refers to ${FRIENDS}, which is not set"),
        ("ALLOWED_USER_IDS=1,${FRIENDS:-}", "refers to ${FRIENDS}, which is not set"),
        ("DATA_DIR=x ALLOWED_USER_IDS=1", "stands within the value of another setting"),
        ("STYLES_DIR='\nALLOWED_USER_IDS=1\n#'", "Line 3 of .env (ALLOWED_USER_IDS) cannot be"),
        ("IMAGE_SIZE='5", "Line 3 of .env (IMAGE_SIZE) cannot be read"),
    ],
)
def test_what_cannot_be_understood_in_the_file_stops_the_start(
    tmp_path: Path, lines: str, says: str
) -> None:
    (tmp_path / ".env").write_text(f"# mine\n\n{lines}\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    (line,) = caught.value.faults
    assert says in line
    assert ".env" in line


def test_a_near_miss_in_the_environment_stops_the_start_and_other_programs_names_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ADMIN_USER", "ADMIN_EMAIL", "DJANGO_ALLOWED_HOSTS", "USER_IDS", "LOGLEVEL"):
        monkeypatch.setenv(name, "1")
    assert Settings.load().warnings == ()
    (line,) = faults(monkeypatch, ALLOWED_USERS_IDS="1")
    assert line.startswith("ALLOWED_USERS_IDS is not a setting; did you mean ALLOWED_USER_IDS?")


def test_other_unknown_names_are_told_and_those_that_are_read_elsewhere_are_not(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text(
        "COMPOSE_PROFILES=cpu\nLOGLEVEL=debug\nsize=640\nIMAGE_SIZE=${size}\nCOLOUR=red\n"
        f"{TOKEN}=1\n"
    )
    loaded = Settings.load()
    assert loaded.image_size == 640
    assert loaded.warnings == (
        "LOGLEVEL is not a setting; did you mean LOG_LEVEL? (.env, line 2)",
        "COLOUR is not a setting, nothing reads it (.env, line 5)",
        "A name is not a setting, nothing reads it (.env, line 6)",
    )


def test_names_that_the_compose_file_refers_to_are_known(tmp_path: Path) -> None:
    names = re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text())
    (tmp_path / ".env").write_text("".join(f"{name}=\n" for name in names))
    assert Settings.load().warnings == ()


def test_a_token_on_a_line_that_cannot_be_read_is_neither_shown_nor_called_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN='{TOKEN}\n")
    (line,) = faults(monkeypatch)
    assert line.startswith("Line 1 of .env (TELEGRAM_BOT_TOKEN) cannot be read")
    assert TOKEN[-35:] not in line


def a_folder(file: Path) -> None:
    file.mkdir()


def a_link_to_nowhere(file: Path) -> None:
    file.symlink_to("nowhere")


def latin(file: Path) -> None:
    file.write_bytes("LOG_LEVEL=größer\n".encode("latin-1"))


def utf_16(file: Path) -> None:
    file.write_bytes("ALLOWED_USER_IDS=1\n".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_folder, "Is a directory"),
        (a_link_to_nowhere, "No such file or directory"),
        (latin, "it is not UTF-8 text"),
        (utf_16, "it is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path / ".env")
    (line,) = faults(monkeypatch)
    assert line.startswith(f".env cannot be read ({reason}): it must be a file")


def test_the_token_and_passwords_are_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/atelier")
    settings = Settings.load()
    for text in (repr(settings), str(settings)):
        assert TOKEN not in text
        assert "hunter2" not in text


def test_either_word_for_tls_to_the_database_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in ("ssl", "sslmode"):
        monkeypatch.setenv("DATABASE_URL", f"postgres://me@db/atelier?{word}=require")
        assert Settings.load().ledger_url == "postgresql+asyncpg://me@db/atelier?ssl=require"


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
