"""The pure rules: what becomes content and style, what counts as a picture, what is a command."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, Document, Message, PhotoSize, User

from bot.chat.ordering.drafts import arranged, fill, is_complete, still_fresh
from bot.chat.requests.commands import Command, command_in
from bot.chat.requests.incoming import read
from bot.chat.requests.request import Person, Unfit, author
from bot.studio.ledger.model import Arrival, Draft, Picture, PictureKind, PictureState
from bot.telegram.downloads import LIMIT
from bot.telegram.place import Place
from bot.words import Library

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOME = Place(chat_id=1)
WORDS = Library().words("en")


def a_picture(number: int, kind: PictureKind = PictureKind.PHOTO, caption: str = "") -> Picture:
    return Picture(
        id=number,
        place=HOME,
        message_id=number,
        user_id=1,
        kind=kind,
        file_id="file",
        file_unique_id=str(number),
        media_group_id=None,
        caption=caption,
        state=PictureState.READY,
        path="path",
        width=10,
        height=10,
        received_at=NOW,
    )


kinds = st.lists(st.sampled_from([PictureKind.PHOTO, PictureKind.STICKER]), max_size=8)


@given(kinds=kinds, most=st.integers(1, 4))
def test_pouring_loses_nothing_and_takes_a_first_sticker_for_a_style(
    kinds: list[PictureKind], most: int
) -> None:
    pictures = [a_picture(number, kind) for number, kind in enumerate(kinds)]
    filled = fill(Draft(place=HOME, user_id=1), pictures, most_styles=most)
    held = filled.draft.pictures
    assert len(filled.draft.styles) <= most
    assert len({picture.id for picture in held}) == len(held)
    assert len(held) + filled.left_out == len(pictures)
    if kinds[:1] == [PictureKind.STICKER]:
        assert held[-1].id == 0 or filled.draft.styles[0].id == 0
    if filled.draft.content is None:
        assert kinds in ([], [PictureKind.STICKER])
    assert is_complete(filled.draft) is (filled.draft.content is not None and len(pictures) > 1)


@given(
    before=kinds.filter(lambda kinds: len(kinds) < 4),
    after=kinds.filter(lambda kinds: len(kinds) < 4),
)
def test_pouring_one_by_one_is_pouring_at_once(
    before: list[PictureKind], after: list[PictureKind]
) -> None:
    pictures = [a_picture(number, kind) for number, kind in enumerate(before + after)]
    empty = Draft(place=HOME, user_id=1)
    half = fill(empty, pictures[: len(before)], most_styles=3)
    whole = fill(half.draft, pictures[len(before) :], most_styles=3)
    at_once = fill(empty, pictures, most_styles=3)
    assert whole.draft == at_once.draft
    assert half.left_out + whole.left_out == at_once.left_out


@pytest.mark.parametrize(
    ("private", "age", "kept"), [(True, 23, True), (True, 25, False), (False, 2, False)]
)
def test_a_half_made_order_does_not_wait_for_ever(private: bool, age: int, kept: bool) -> None:
    place = replace(HOME, private=private)
    old = replace(a_picture(1), received_at=NOW - timedelta(days=30))
    draft = Draft(place=place, user_id=1, content=old, prompt=5, changed_at=NOW)
    fresh = still_fresh(draft, NOW + timedelta(hours=age))
    assert (fresh.content is not None) is kept


@pytest.mark.parametrize(
    ("captions", "first"),
    [
        (("", ""), 0),
        (("style", ""), 1),
        (("/stylize@atelier_bot Swap", ""), 1),
        (("", "photo"), 1),
        (("photo", ""), 0),
        (("what a style", ""), 0),
    ],
)
def test_captions_turn_an_album_round(captions: tuple[str, str], first: int) -> None:
    pictures = [a_picture(number, caption=caption) for number, caption in enumerate(captions)]
    assert arranged(pictures, WORDS)[0].id == first


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/stylize", Command("stylize", None, "")),
        (
            "/Stylize@atelier_bot  stained glass ",
            Command("stylize", "atelier_bot", "stained glass"),
        ),
        ("/stylize\nmosaic", Command("stylize", None, "mosaic")),
        ("stylize", None),
        ("see /stylize", None),
        ("/", None),
        ("/stylize!", None),
    ],
)
def test_commands_stand_at_the_beginning(text: str, command: Command | None) -> None:
    assert command_in(_message(text=text)) == command
    assert command_in(_message(caption=text, chat=Chat(-5, Chat.SUPERGROUP))) == command


@pytest.mark.parametrize(
    ("caption", "command"),
    [
        ("please /stylize mosaic", Command("stylize", None, "mosaic")),
        ("please\n/stylize@atelier_bot\nink wash", Command("stylize", "atelier_bot", "ink wash")),
        ("see /stylize", Command("stylize", None, "")),
        ("/save him /stylize", Command("save", None, "him /stylize")),
        ("me and/or you", None),
        ("1 /", None),
    ],
)
def test_under_a_picture_in_private_a_command_may_follow_other_words(
    caption: str, command: Command | None
) -> None:
    assert command_in(_message(caption=caption)) == command


def test_the_largest_variant_is_used_wherever_it_stands() -> None:
    sizes = [PhotoSize(f"f{w}", f"u{w}", w, w, file_size=w) for w in (90, 1280, 320)]
    found = read(_message(photo=sizes), Person(7))
    assert isinstance(found, Arrival)
    assert (found.file_unique_id, found.user_id, found.kind) == ("u1280", 7, PictureKind.PHOTO)
    large = PhotoSize("f", "u", 4000, 4000, file_size=LIMIT + 1)
    assert read(_message(photo=[*sizes, large]), Person(7)) is Unfit.TOO_LARGE


@pytest.mark.parametrize(
    ("name", "mime", "fits"),
    [
        ("IMG_1.HEIC", "application/octet-stream", True),
        ("IMG_1.heic", None, True),
        (None, "image/heic", True),
        ("a.svg", "image/svg+xml", True),
        ("a.zip", "application/zip", False),
        ("a.zip", "application/octet-stream", False),
        ("a.tar.gz", None, False),
        ("a.gz", None, False),
        ("a.exe", "application/octet-stream", False),
        ("photo.jpg", "text/plain", True),
        ("photo.jpg_large", "application/octet-stream", True),
        ("photo", "binary/octet-stream", True),
        (None, "application/octet-stream", True),
        (None, None, True),
    ],
)
def test_files_may_be_pictures_unless_type_or_name_says_otherwise(
    name: str | None, mime: str | None, *, fits: bool
) -> None:
    document = Document("f", "u", file_name=name, mime_type=mime)
    found = read(_message(document=document), Person(7))
    assert isinstance(found, Arrival) is fits


def test_stand_ins_are_nobody() -> None:
    for number in (1087968824, 136817688):
        bot = User(number, "Group", is_bot=True)
        assert author(_message(from_user=bot)) is None
        group = Chat(-5, Chat.SUPERGROUP)
        assert author(_message(from_user=bot, sender_chat=group)) == Person(-5, is_user=False)
    telegram = User(777000, "Telegram", is_bot=False)
    assert author(_message(from_user=telegram)) is None
    forwarded = _message(
        from_user=telegram, sender_chat=Chat(-6, Chat.CHANNEL), is_automatic_forward=True
    )
    assert author(forwarded) is None


def test_service_messages_say_nothing() -> None:
    joined = _message(new_chat_members=[User(3, "Eve", is_bot=False)])
    assert read(joined, Person(7)) is None


def _message(**fields: Any) -> Message:  # noqa: ANN401 - whatever a message may have
    chat = fields.pop("chat", Chat(1, Chat.PRIVATE))
    return Message(message_id=1, date=NOW, chat=chat, **fields)
