import asyncio
import io
import json
import logging
import subprocess
import sys
import urllib.parse
import warnings
from pathlib import Path

import httpx
import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import LEFT_OUT, PLACEHOLDER, START, RedactingHandler, Redactor, configure
from bot.sandbox import Sandbox, faults
from bot.settings import Settings
from bot.telegram.errors import TelegramFault

ROOT = Path(__file__).parents[2]
NUMBER = "110201543"
SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-"
TOKEN = f"{NUMBER}:{SECRET}"


def settings(**values: str) -> Settings:
    return Settings(telegram_bot_token=TOKEN, **values)  # type: ignore[arg-type]


@pytest.fixture
def lines(untouched: None) -> io.StringIO:  # noqa: ARG001 (a fixture's order)
    stream = io.StringIO()
    configure(settings(log_level="debug"), stream)
    return stream


def fail(message: str) -> None:
    raise RuntimeError(message)


def shows(text: str) -> bool:
    quoted = urllib.parse.unquote(urllib.parse.unquote(text))
    return any(SECRET in form or f"{NUMBER}:AAHd" in form for form in (text, quoted))


@pytest.mark.parametrize(
    "form",
    [
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"https://api.telegram.org/file/bot{TOKEN}/photos/file_1.jpg",
        urllib.parse.quote(TOKEN, safe=""),
        urllib.parse.quote(TOKEN, safe="").lower(),
        urllib.parse.quote(urllib.parse.quote(TOKEN, safe=""), safe=""),
        repr(TOKEN.encode()),
        json.dumps({"token": TOKEN}),
        SECRET,
        TOKEN[:25] + "...",
    ],
)
def test_every_form_of_the_token_is_taken_out(form: str) -> None:
    redacted = Redactor(TOKEN).redact(f"before {form} after")
    assert PLACEHOLDER in redacted
    assert not shows(redacted)
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


@given(st.text(), st.text())
def test_whatever_stands_around_the_token_stays(before: str, after: str) -> None:
    redacted = Redactor(TOKEN).redact(f"{before}/bot{TOKEN}/{after}")
    assert redacted == f"{before}/bot{PLACEHOLDER}/{after}"


@given(st.text())
def test_other_text_is_left_alone(text: str) -> None:
    assert Redactor(TOKEN).redact(text) == text


def test_ids_with_colons_are_left_alone() -> None:
    assert Redactor(TOKEN).redact(f"order {NUMBER}:1007") == f"order {NUMBER}:1007"


def test_messages_arguments_exceptions_and_stacks_are_redacted(lines: io.StringIO) -> None:
    logger = logging.getLogger("anything.at.all")
    logger.debug("message " + TOKEN)  # noqa: G003 (the message itself is tested)
    logger.info("argument %s", TOKEN)
    logger.info("mapping %(token)r", {"token": TOKEN})
    try:
        fail(f"The token `{TOKEN}` was rejected by the server.")
    except RuntimeError as error:
        error.add_note(f"https://api.telegram.org/bot{TOKEN}/getMe")
        logger.exception("exception", stack_info=True)
    text = lines.getvalue()
    assert text.count(PLACEHOLDER) >= 4
    assert "Traceback" in text
    assert not shows(text)


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_error_that_may_quote_people_only_the_name_and_the_place_are_shown(
    untouched: None,  # noqa: ARG001
    form: str,
) -> None:
    stream = io.StringIO()
    configure(settings(log_level="debug", log_format=form), stream)
    people = "what somebody wrote"
    try:
        try:
            dict[str, int]()[people]
        except KeyError as error:
            error.add_note(people)
            raise TelegramFault("what Telegram said") from ValueError(people)
    except TelegramFault:
        logging.getLogger("bot.x").exception("An update could not be handled")
    text = stream.getvalue()
    assert people not in text
    assert "TelegramFault: what Telegram said" in text
    assert f"ValueError: {LEFT_OUT}" in text
    assert "[people]" not in text, "what a raise ... from ... replaces"


def test_of_errors_in_a_group_each_is_shown_in_the_same_way(lines: io.StringIO) -> None:
    people = "dear diary"

    def quote() -> None:
        raise ValueError(people)

    try:
        try:
            quote()
        except ValueError as error:
            raise ExceptionGroup(people, [error, OSError("no room")]) from None
    except ExceptionGroup:
        logging.getLogger().exception("It failed")
    text = lines.getvalue()
    assert people not in text
    for shown in (f"ValueError: {LEFT_OUT}", "OSError: no room", "in quote"):
        assert shown in text


def test_an_error_that_came_of_itself_is_shown_once(lines: io.StringIO) -> None:
    first, second = RuntimeError("first"), RuntimeError("second")
    first.__context__, second.__context__ = second, first
    logging.getLogger("bot.x").error("round in a circle", exc_info=first)
    assert lines.getvalue().count("RuntimeError: first") == 1
    assert lines.getvalue().count("RuntimeError: second") == 1


@pytest.mark.parametrize(
    ("name", "level"), [("telegram.ext.Application", "info"), ("telegram.request.R", "error")]
)
def test_loggers_that_quote_what_was_sent_are_silent(
    lines: io.StringIO, name: str, level: str
) -> None:
    logging.getLogger(name).log(logging.getLevelNamesMapping()[level.upper()], "an update: %s", 1)
    assert lines.getvalue() == ""


def test_a_broken_log_call_does_not_show_its_arguments(lines: io.StringIO) -> None:
    root = logging.getLogger()
    # pytest's own handlers raise what is wrong with a log call
    root.handlers[:] = [one for one in root.handlers if isinstance(one, RedactingHandler)]
    logging.getLogger("broken").error("%d things", TOKEN)
    text = lines.getvalue()
    assert "A log call failed" in text
    assert "'%d things' with (str)" in text
    assert PLACEHOLDER not in text
    assert not shows(text)


async def test_a_failing_request_shows_nothing_even_when_httpx_logs_everything(
    lines: io.StringIO,
) -> None:
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.DEBUG)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"ok":false,"error_code":401,"description":"Unauthorized"}'
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        bot = telegram.Bot(TOKEN, base_url=f"{url}/bot")
        with pytest.raises(telegram.error.InvalidToken):
            await bot.initialize()
        async with httpx.AsyncClient() as client:
            try:
                (await client.get(f"{url}/bot{TOKEN}/getMe")).raise_for_status()
            except httpx.HTTPStatusError:
                logging.getLogger("bot").exception("The request to %s failed", url)
        await bot.shutdown()
    text = lines.getvalue()
    assert "httpcore" in text
    assert "HTTP Request: GET" in text
    assert "HTTPStatusError" in text
    assert f"bot{PLACEHOLDER}" in text
    assert not shows(text)


def test_httpx_is_quiet_however_much_is_logged(lines: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    logging.getLogger("httpcore.connection").debug("connect_tcp.started")
    assert lines.getvalue() == ""


async def test_the_page_of_a_proxy_leaves_no_traceback(lines: io.StringIO) -> None:
    async with Sandbox(TOKEN) as sandbox:
        sandbox.faults.add("getMe", faults.bad_gateway())
        bot = telegram.Bot(TOKEN, base_url=f"{sandbox.url}/bot")
        with pytest.raises(telegram.error.TelegramError, match="Bad Gateway"):
            await bot.initialize()
        await bot.shutdown()
    assert "Traceback" not in lines.getvalue()


def test_warnings_go_the_same_way(lines: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"the token is {TOKEN}", stacklevel=1)
    assert "py.warnings" in lines.getvalue()
    assert not shows(lines.getvalue())


def test_json_is_one_object_a_line_with_extras(untouched: None) -> None:  # noqa: ARG001
    stream = io.StringIO()
    configure(settings(log_format="json"), stream)
    try:
        fail(TOKEN)
    except RuntimeError:
        logging.getLogger("bot.x").exception("Ein Gemälde: %s", TOKEN, extra={"order": 7})
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["level"] == "ERROR"
    assert entry["logger"] == "bot.x"
    assert entry["message"] == f"Ein Gemälde: {PLACEHOLDER}"
    assert entry["order"] == 7
    assert f"RuntimeError: {PLACEHOLDER}" in entry["exc_info"]
    assert not shows(line)


def test_the_level_holds_and_configuring_again_replaces(untouched: None) -> None:  # noqa: ARG001
    first, second = io.StringIO(), io.StringIO()
    configure(settings(log_level="debug"), first)
    configure(settings(log_level="warning"), second)
    logging.getLogger("bot.x").info("quiet")
    logging.getLogger("bot.x").warning("loud")
    assert first.getvalue() == ""
    assert [line.split(": ")[1] for line in second.getvalue().splitlines()] == ["loud"]


def test_what_a_host_must_see_at_every_start_is_logged_at_every_level(untouched: None) -> None:  # noqa: ARG001
    stream = io.StringIO()
    configure(settings(log_level="critical"), stream)
    logging.getLogger(START).info("who may use the bot")
    logging.getLogger("bot.x").error("what may be missed")
    assert [line.split(": ")[1] for line in stream.getvalue().splitlines()] == [
        "who may use the bot"
    ]


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("raise RuntimeError(TOKEN)", "Uncaught exception"),
        (
            "import threading\ndef work(): raise RuntimeError(TOKEN)\n"
            "thread = threading.Thread(target=work, name='painter')\nthread.start()\nthread.join()",
            "Uncaught exception in painter",
        ),
        (
            "class Thing:\n    def __del__(self): raise RuntimeError(TOKEN)\n"
            "thing = Thing()\ndel thing",
            "Exception ignored",
        ),
        (
            "import asyncio\nasync def work(): raise RuntimeError(TOKEN)\n"
            "async def main():\n    task = asyncio.ensure_future(work())\n"
            "    await asyncio.sleep(0.01)\n    del task\n"
            "asyncio.run(main())",
            "Task exception was never retrieved",
        ),
        (
            "import asyncio\nasync def main(): raise RuntimeError(TOKEN)\nasyncio.run(main())",
            "Uncaught exception",
        ),
    ],
)
def test_no_way_out_of_a_process_shows_the_token(code: str, seen: str) -> None:
    program = (
        "from bot.logs import configure\nfrom bot.settings import Settings\n"
        f"TOKEN = {TOKEN!r}\nconfigure(Settings(telegram_bot_token=TOKEN, _env_file=None))\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    assert seen in output
    assert f"RuntimeError: {PLACEHOLDER}" in output
    assert not shows(output)
