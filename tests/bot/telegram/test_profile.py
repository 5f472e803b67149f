"""The bot's name and descriptions: published per language, and the host's own words kept."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot

from bot.sandbox import Sandbox, faults
from bot.sandbox.errors import bad_request
from bot.telegram.account import Account
from bot.telegram.application import application_for
from bot.telegram.errors import Rejected
from bot.telegram.profile import EVERYWHERE, MEMORY, Profile, changes, description, name
from bot.words import Library
from tests.bot.conftest import NO_LIMITS

GERMAN = Library().words("de")
ENGLISH = Library().words("en")


@pytest.fixture
def publisher(account: Account, tmp_path: Path) -> Profile:
    return Profile(account, Library(), tmp_path)


def setters(sandbox: Sandbox) -> int:
    return sum(call.method.lower().startswith("setmy") for call in sandbox.calls())


async def test_every_language_gets_its_texts_and_once_is_enough(
    bot: Bot, sandbox: Sandbox, publisher: Profile
) -> None:
    await publisher.publish()
    assert (await bot.get_my_description("de")).description == description(GERMAN)
    assert (await bot.get_my_description()).description == description(ENGLISH)
    assert (await bot.get_my_short_description("zh")).short_description.startswith("我用")
    assert (await bot.get_my_name("ja")).name == "Atelier アトリエ"
    assert (await bot.get_my_name()).name == "Atelier"
    kept = sandbox.world.profile
    assert len(kept.descriptions) == len(kept.short_descriptions) == 12
    assert EVERYWHERE not in kept.names
    before = setters(sandbox)
    assert before >= 24
    await publisher.publish()
    assert setters(sandbox) == before


async def test_the_hosts_own_description_stays_in_every_language(
    bot: Bot, sandbox: Sandbox, publisher: Profile
) -> None:
    await bot.set_my_description("Grandma's own painter.")
    await publisher.publish()
    assert sandbox.world.profile.descriptions == {"": "Grandma's own painter."}
    assert (await bot.get_my_short_description("de")).short_description


async def test_a_host_who_renames_the_bot_has_that_name_everywhere(
    bot: Bot, sandbox: Sandbox, publisher: Profile
) -> None:
    await publisher.publish()
    assert sandbox.world.profile.names
    await bot.set_my_name("Grandma's painter")
    await publisher.publish()
    assert sandbox.world.profile.names == {"": "Grandma's painter"}


async def test_what_an_earlier_version_said_is_renewed(bot: Bot, publisher: Profile) -> None:
    await bot.set_my_description("What it said last year.")
    await bot.set_my_description("Was es letztes Jahr sagte.", "de")
    publisher._path.write_text(
        '{"description": {"": "What it said last year.", "de": "Was es letztes Jahr sagte."}}',
        encoding="utf-8",
    )
    await publisher.publish()
    assert (await bot.get_my_description()).description == description(ENGLISH)
    assert (await bot.get_my_description("de")).description == description(GERMAN)


async def test_a_spoiled_memory_does_no_harm(bot: Bot, publisher: Profile, tmp_path: Path) -> None:
    (tmp_path / MEMORY).write_text("[1, 2", encoding="utf-8")
    await publisher.publish()
    assert (await bot.get_my_description()).description == description(ENGLISH)


async def test_telegram_may_ask_to_wait(sandbox: Sandbox, publisher: Profile) -> None:
    sandbox.faults.add("setMyDescription", faults.retry_after(1))
    await publisher.publish()
    assert len(sandbox.world.profile.descriptions) == 12


async def test_a_long_wait_leaves_one_field_for_the_next_start(
    sandbox: Sandbox, publisher: Profile, tmp_path: Path
) -> None:
    sandbox.faults.add("setMyName", faults.retry_after(80_000))
    await publisher.publish()
    kept = sandbox.world.profile
    assert not kept.names
    assert len(kept.descriptions) == 12
    asked = len(sandbox.calls("setMyName"))
    await publisher.publish()
    assert len(sandbox.calls("setMyName")) == asked == 1
    async with application_for(sandbox.token, sandbox.url, limits=NO_LIMITS) as application:
        await Profile(Account(application.bot), Library(), tmp_path).publish()
    assert len(kept.names) == 5


async def test_a_refusal_is_let_go(
    bot: Bot, sandbox: Sandbox, publisher: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.add("getMyDescription", faults.refusal(bad_request("no")))
    await publisher.publish()
    assert "description was not published" in caplog.text
    assert sandbox.world.profile.short_descriptions
    with pytest.raises(Rejected):
        await bot.set_my_name("x" * 65)


def test_the_name_is_atelier() -> None:
    assert name(ENGLISH) == name(GERMAN) == "Atelier"


TEXTS = st.sampled_from(["", "ours", "unsere", "theirs", "before"])


@given(
    shown=st.fixed_dictionaries({"": TEXTS, "de": TEXTS}),
    before=st.dictionaries(st.sampled_from(["", "de"]), st.sampled_from(["before", "ours"])),
    fixed=st.booleans(),
)
def test_the_hosts_words_are_never_touched(
    shown: dict[str, str], before: dict[str, str], *, fixed: bool
) -> None:
    wanted = {"": "ours", "de": "unsere"}
    due = changes(wanted, shown, before, fixed=fixed)
    for code, text in due.items():
        assert text != shown[code]
        of_ours = {"", wanted[code], before.get(code)}
        inherited = code != EVERYWHERE and shown[code] == shown[EVERYWHERE]
        assert shown[code] in of_ours or inherited
    if shown[""] == "theirs":
        assert not any(due.values())
    # A language that already read as the new text for all looks inherited then: one round more.
    settled, known = {**shown, **due}, {**before, **due}
    again = changes(wanted, settled, known, fixed=fixed)
    assert not changes(wanted, {**settled, **again}, {**known, **again}, fixed=fixed)
