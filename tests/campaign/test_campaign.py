"""A short campaign, and whether its checks see what they are there for."""

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.sandbox import Call, Message, Person, Sandbox
from bot.sandbox.files import StoredFile
from bot.sandbox.model import Photo, PhotoSize
from tests.campaign import checks
from tests.campaign.campaign import run
from tests.campaign.checks import Evidence
from tests.campaign.history import FORGOTTEN, Entry, unfair
from tests.campaign.journal import Journal, Trouble
from tests.campaign.people import Colour, People, Request, flat
from tests.campaign.plan import POSTGRESQL_ONLY, Deed, Kind, steps
from tests.campaign.telling import Telling

RED, BLUE = (200, 16, 16), (16, 16, 200)


async def test_a_short_campaign_is_clean(tmp_path: Path) -> None:
    report = await run(12, 12, tmp_path, None)
    assert report.wrong == [], "\n".join(report.journal)
    assert sum(report.faults.values()) == 12
    assert report.orders["done"] > 0


def test_a_seed_is_a_plan() -> None:
    long = list(steps(7, 60, without=POSTGRESQL_ONLY))
    assert list(islice(steps(7, 90, without=POSTGRESQL_ONLY), 60)) == long
    assert list(steps(8, 60, without=POSTGRESQL_ONLY)) != long
    assert {step.fault.kind for step in long}.isdisjoint(POSTGRESQL_ONLY)
    assert {step.fault.kind for step in steps(7, 500)} == set(Kind)
    assert {action.deed for step in steps(7, 500) for action in step.actions} == set(Deed)


def _entry(order_id: int | None, user_id: int, state: str, epoch: int | None = 0) -> Entry:
    return Entry(order_id=order_id, user_id=user_id, state=state, epoch=epoch)


FIRST = [_entry(1, 7, "queued"), _entry(2, 7, "queued"), _entry(3, 8, "queued")]
TURN = [_entry(1, 7, "running", 1), _entry(1, 7, "done", 1)]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([*FIRST, *TURN, _entry(3, 8, "running", 1)], ""),
        ([*FIRST, *TURN, _entry(2, 7, "running", 1)], "order 2 was begun, and 3 was next"),
        ([*FIRST, _entry(2, 7, "running", 1)], "order 2 was begun, and 1 was next"),
        ([*FIRST, TURN[0], _entry(3, 8, "running", 1)], "began while [1] were painted"),
        ([*FIRST, *TURN, _entry(1, 7, "queued", 2)], "order 1 was done and became queued"),
        ([*FIRST, _entry(1, 7, "running", 2), _entry(1, 7, "queued", 1)], "back to epoch 1"),
        # Who was interrupted goes first; who was forgotten was never served.
        ([*FIRST, TURN[0], _entry(1, 7, "queued", 2), _entry(1, 7, "running", 3)], ""),
        ([*FIRST, *TURN, _entry(None, 7, FORGOTTEN, None), _entry(2, 7, "running", 1)], ""),
    ],
)
def test_a_history_shows_what_was_unfair(entries: list[Entry], found: str) -> None:
    assert found in "; ".join(unfair(entries))
    assert bool(unfair(entries)) == bool(found)


def test_only_times_of_health_count() -> None:
    journal = Journal()
    journal.frozen.append(Trouble(10.0, 20.0))
    journal.away.append(Trouble(15.0, 30.0))
    assert journal.healthy_seconds(5.0, 35.0) == 10.0
    assert journal.healthy_seconds(12.0, 18.0) == 0.0


class Scene:
    """One request in a private chat, and an order of it; the bot says what a test lets it say."""

    def __init__(self, data_dir: Path) -> None:
        self.sandbox = Sandbox()
        self.people = People(self.sandbox)
        self.journal = Journal()
        self.ada: Person = self.people.everybody[0]
        self.data_dir = data_dir
        asked = Request(
            deed=Deed.ALBUM,
            person=self.ada,
            chat=self.ada.chat,
            message_ids=(1, 2),
            colours=(RED, BLUE),
        )
        self.people.requests.append(asked)
        self.order = SimpleNamespace(
            id=1,
            chat_id=self.ada.id,
            reply_to=1,
            content_id=1,
            change=None,
            failure=None,
            painting=None,
        )
        self.orders: list[Any] = [self.order]
        self.pictures: list[Any] = []
        self.cancellations: list[Any] = []
        self.states = ["queued", "running", "done"]

    def says(
        self, words: str, *buttons: str, colour: Colour | None = None, lost: bool = False
    ) -> None:
        """The bot sends a message in answer to the request."""
        world = self.sandbox.world
        rows = [[{"text": data, "callback_data": data}] for data in buttons]
        sent = Message(
            chat=self.ada.chat,
            sender=world.bot,
            words=words,
            reply_to=1,
            markup={"inline_keyboard": rows},
            attachment=None if colour is None else _photo(colour),
        )
        at = world.events[-1].at if world.events else self.journal.began
        posted = world.post(sent)
        result = {"chat": {"id": self.ada.id}, "message_id": posted.message_id}
        self.sandbox.log.append(Call("sendPhoto", {}, result, None, at, lost=lost))

    def wrong(self) -> str:
        """What the checks find."""
        evidence = Evidence(
            people=self.people,
            telling=Telling(self.sandbox, self.journal),
            orders=self.orders,
            pictures=self.pictures,
            styles=[],
            cancellations=self.cancellations,
            entries=[_entry(1, self.ada.id, state, 1) for state in self.states],
            data_dir=self.data_dir,
        )
        return "; ".join(checks.wrong(evidence))


def _photo(colour: Colour) -> Photo:
    return Photo((PhotoSize(StoredFile("a", "b", "c", flat(colour)), 64, 48),))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_one_painting_is_as_it_should_be(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    assert scene.wrong() == ""


def test_two_paintings_are_one_too_many_unless_the_first_may_be_lost(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    scene.says("Finished.", "file:1", colour=RED)
    assert scene.wrong() == "order 1 (done) was brought 2 times"


def test_a_painting_whose_answer_was_lost_may_come_again(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED, lost=True)
    scene.says("Finished.", "file:1", colour=RED)
    assert scene.wrong() == ""


def test_a_painting_may_come_again_when_the_bot_died_over_it(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    scene.journal.died()
    scene.says("Finished.", "file:1", colour=RED)
    assert scene.wrong() == ""


def test_no_painting_is_missed(scene: Scene) -> None:
    assert scene.wrong() == "order 1 is done, and has 0 paintings"


def test_another_photo_is_seen(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=(16, 200, 16))
    assert scene.wrong() == "the painting of order 1 shows another photo"


def test_a_request_without_an_order_is_missed(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    scene.order.reply_to = 77
    assert "became the orders []" in scene.wrong()


@pytest.mark.parametrize(("state", "found"), [("failed", "failed (None)"), ("cancelled", "nobody")])
def test_an_end_that_nobody_is_told_of(scene: Scene, state: str, found: str) -> None:
    scene.states = ["queued", state]
    assert found in scene.wrong()
    scene.says("Cancelled. Something went wrong in the studio")
    assert scene.wrong() == ""


def test_refusals_are_counted(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    scene.pictures = [
        SimpleNamespace(id=5, chat_id=scene.ada.id, message_id=3, state="refused", path=None)
    ]
    assert scene.wrong() == ""
    scene.cancellations = [SimpleNamespace(asked_by="picture 5")]
    assert "nobody was told" in scene.wrong()
    scene.says("That file is not a picture. Please send another photo.")
    assert scene.wrong() == ""
    scene.says("That file is not a picture. Please send another photo.")
    assert scene.wrong().endswith(", 2 times")


def test_rows_without_files_and_files_without_rows(scene: Scene) -> None:
    scene.says("Finished.", "file:1", colour=RED)
    scene.order.painting = "images/ab/ab.jpg"
    assert "the painting of row 1 is not there" in scene.wrong()
    (scene.data_dir / "images" / "ab").mkdir(parents=True)
    (scene.data_dir / scene.order.painting).write_bytes(b"")
    assert scene.wrong() == ""


def test_errors_that_nothing_explains_are_wrong() -> None:
    log = "x ERROR    bot.engines.process: The engine did not come up: x\nx ERROR asyncio: never\n"
    assert checks.unexplained_errors(log) == ["the log has: x ERROR asyncio: never"]
