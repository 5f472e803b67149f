"""/stats: for the host's admins, and for nobody else."""

from bot.chat.handlers.statistics import report
from bot.sandbox import Person, Sandbox
from bot.studio.ledger.results import Statistics, TimeSpread
from bot.studio.pictures.files import Disk
from bot.words import Library
from tests.bot.chat.conftest import Open, is_painting, picture


async def test_admins_see_how_the_studio_is_doing(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    house = await open_house(admin_user_ids=frozenset({ada.id}))
    house.engine.may_finish.set()
    await bob.send_album([picture(1), picture(2)])
    await bob.wait_for(is_painting)
    await ada.send_text("/stats")
    said = await ada.wait_for(lambda message: "today" in message.words)
    lines = said.words.splitlines()
    assert lines[0] == "1 order today: 1 painted, 0 failed, 0 cancelled."
    assert lines[1] == "Now: 0 waiting, 0 running."
    assert lines[-1].startswith("Disk: ")
    assert len(lines) == 5
    group = sandbox.group("Friends", ada, bob)
    await ada.send_text("/stats@atelier_bot", chat=group)
    await ada.wait_for(lambda message: "today" in message.words, chat=group)


async def test_to_others_the_command_does_not_exist(
    open_house: Open, sandbox: Sandbox, ada: Person, bob: Person
) -> None:
    house = await open_house(admin_user_ids=frozenset({ada.id}))
    group = sandbox.group("Friends", ada, bob)
    for unknown in ("/stats", "/whatever"):
        await bob.send_text(unknown)
        await bob.send_text(f"{unknown}@atelier_bot", chat=group)
    await house.idle()
    first, second = [message.words for message in bob.from_bot()]
    assert first == second
    assert "today" not in first
    assert not any("today" in message.words for message in group.from_bot)
    group.promote(bob, anonymous=True)
    await group.anonymous(bob).send_text("/stats@atelier_bot")
    await house.idle()
    assert not any("today" in message.words for message in group.from_bot)


def test_the_report_says_times_only_when_there_are_any() -> None:
    words = Library().words("en")
    statistics = Statistics(
        ordered=12,
        painted=9,
        failed=1,
        cancelled=0,
        waiting=2,
        running=1,
        wait=TimeSpread(mean=3.0, percentile_95=8.0),
        paint=TimeSpread(mean=41.0, percentile_95=130.0),
    )
    text = report(words, statistics, Disk(used=3_400_000_000, free=12_000_000))
    assert text.splitlines() == [
        "12 orders today: 9 painted, 1 failed, 0 cancelled.",
        "Now: 2 waiting, 1 running.",
        "Waiting: about 3 seconds on average, 95 in 100 within about 8 seconds.",
        "Painting: about 40 seconds on average, 95 in 100 within about 2 minutes.",
        "Disk: 3.4 GB used, 12 MB free.",
    ]


def test_volumes_are_in_the_form_of_the_language() -> None:
    library = Library()
    said = {
        code: [library.words(code).volume(size) for size in (0, 999_400_000, 3_440_000_000_000)]
        for code in ("en", "de", "ru")
    }
    assert said == {
        "en": ["0 MB", "999 MB", "3,440.0 GB"],
        "de": ["0 MB", "999 MB", "3.440,0 GB"],
        "ru": ["0 МБ", "999 МБ", "3\xa0440,0 ГБ"],
    }
    assert library.words("en").volume(999_600_000) == "1.0 GB"
