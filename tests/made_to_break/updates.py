"""Updates as the Bot API's specification allows them, and as it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.made_to_break.specification import known_types

TYPES: Final = known_types()

Json = dict[str, Any]

DEEP: Final = 4
"""From this depth on objects hold only what they must."""
BOTTOM: Final = 8
"""From this depth on they hold nothing."""

COMMANDS: Final = ("start", "help", "stylize", "styles", "save", "cancel", "settings", "privacy")
CONTENT: Final = (
    *("text", "photo", "document", "sticker", "animation", "video", "video_note", "voice"),
    *("audio", "contact", "location", "venue", "poll", "dice", "game", "story", "paid_media"),
    *("checklist", "rich_message", "live_photo"),
)
"""The fields of a message that hold what somebody has sent, and expects an answer to."""

NUMBERS: Final = st.one_of(
    st.integers(-3, 300),
    st.integers(-(2**53), 2**53),
    st.integers(-(2**70), 2**70),
)
TEXTS: Final = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=10),
    st.sampled_from(("", "\0", "\ud800", "mosaic", "style", "a" * 5000, "́" * 300, "\u202e🖼" * 50)),
    st.builds(
        "/{}{} {}".format,
        st.sampled_from(COMMANDS) | st.text(max_size=5),
        st.sampled_from(("", "@atelier_bot", "@ATELIER_BOT", "@other_bot", "@")),
        st.sampled_from(("", "mosaic", "wave", "style", "a" * 100)) | st.text(max_size=20),
    ),
)
_JSON: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
_ALIKE: Final = st.sampled_from(("1", "2", "album"))
_FILE_IDS: Final = st.sampled_from(("picture", "no picture", "unknown"))
"""What `Feeder` puts the names of its own files for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An update of somebody's. `content` lies under `kind` in it; `chat` and `sender` are to be
    put in for the names that stand there, if `own` is true."""

    kind: str
    content: Json
    own: bool = True


def least(kinds: str, depth: int = 0) -> Any:  # noqa: ANN401 (any JSON)
    """A value of the first of some kinds, with what it must have and nothing else."""
    kind = kinds.split("|", maxsplit=1)[0]
    if kind.startswith('"'):
        return kind.strip('"')
    if kind.startswith("Array of "):
        return [least(kind.removeprefix("Array of "), depth + 1)] if depth < DEEP else []
    simple = {"Integer": 1, "String": "x", "Boolean": True, "True": True, "Float": 1.0}
    if kind in simple:
        return simple[kind]
    described = TYPES.get(kind, {})
    if isinstance(described, list):
        return least(described[0], depth)
    return {
        name.rstrip("*"): least(fields, depth + 1)
        for name, fields in described.items()
        if name.endswith("*")
    }


@st.composite
def values(draw: DrawFn, kinds: str, depth: int) -> Any:  # noqa: ANN401 (any JSON)
    """A value of one of the kinds, which are divided by `|`."""
    kind = draw(st.sampled_from(kinds.split("|")))
    if kind.startswith('"'):
        return draw(st.just(kind.strip('"')) | TEXTS) if depth < DEEP else kind.strip('"')
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return draw(st.lists(values(inner, depth + 1), max_size=3 if depth < DEEP else 1))
    simple: Mapping[str, SearchStrategy[Any]] = {
        "Integer": NUMBERS,
        "String": TEXTS,
        "Boolean": st.booleans(),
        "True": st.just(value=True),
        "Float": st.floats() | st.floats(-200, 200),
    }
    if kind in simple:
        return draw(simple[kind])
    return draw(objects(kind, depth))


@st.composite
def objects(draw: DrawFn, kind: str, depth: int = 0) -> Json:
    """An object of a kind of the specification, perhaps without what it must have."""
    described = TYPES.get(kind, {})
    if isinstance(described, list):
        found: Json = draw(values("|".join(described), depth))
        return found
    if depth >= BOTTOM:
        return {}
    required = [name for name in described if name.endswith("*")]
    optional = [name for name in described if not name.endswith("*")]
    names = list(required)
    if optional and depth < DEEP:
        names += draw(st.lists(st.sampled_from(optional), max_size=3, unique=True))
    if required and draw(st.integers(0, 19)) == 0:
        names.remove(draw(st.sampled_from(required)))
    made = {name.rstrip("*"): draw(values(described[name], depth + 1)) for name in names}
    return {**made, **draw(_little_things(depth))}


def _little_things(depth: int) -> SearchStrategy[Json]:
    """What files need to be found, and fields that nobody knows."""
    unknown = st.dictionaries(st.sampled_from(("aura", "", "id_", "from_")), _JSON, max_size=1)
    return unknown if depth < 2 else st.just({})


@st.composite
def pictures(draw: DrawFn) -> Json:
    """The fields of a message with something that can be painted."""
    file = {
        "file_id": draw(_FILE_IDS),
        "file_unique_id": draw(st.text(max_size=3)),
        **draw(st.fixed_dictionaries({}, optional={"file_size": NUMBERS})),
    }
    size = st.fixed_dictionaries({"width": NUMBERS, "height": NUMBERS})
    kind = draw(st.sampled_from(("photo", "document", "sticker")))
    fields: Json = draw(
        st.fixed_dictionaries({}, optional={"caption": TEXTS, "media_group_id": _ALIKE})
    )
    if kind == "photo":
        sizes = [{**file, **one} for one in draw(st.lists(size, min_size=1, max_size=3))]
        return {**fields, "photo": sizes}
    if kind == "document":
        named = st.fixed_dictionaries({}, optional={"file_name": TEXTS, "mime_type": TEXTS})
        return {**fields, "document": {**file, **draw(named)}}
    moves = {"is_animated": draw(st.booleans()), "is_video": False}
    return {**fields, "sticker": {**file, **draw(size), **moves, "type": "regular"}}


@st.composite
def messages(draw: DrawFn) -> Json:
    """A message from somebody, in private or in the group."""
    kinds = st.one_of(
        st.builds(lambda text: {"text": text}, TEXTS),
        pictures(),
        _field("Message"),
        _field("Message"),
        objects("Message"),
    )
    content = draw(kinds)
    for name in ("message_id", "date", "chat", "from", "sender_chat"):
        content.pop(name, None)
    reply = st.none() | st.just("reply_to_message") | st.just("external_reply")
    answered: str | None = draw(reply)
    if answered:
        content[answered] = {**draw(pictures()), "origin": {"type": "user"}}
    where = draw(st.sampled_from(("private", "private", "group", "topic")))
    return {**content, "chat": where, "from": "person"}


@st.composite
def _field(draw: DrawFn, kind: str) -> Json:
    """One field of a kind, whichever."""
    described = TYPES[kind]
    assert isinstance(described, dict)
    name = draw(st.sampled_from(sorted(described)))
    return {name.rstrip("*"): draw(values(described[name], 1))}


@st.composite
def presses(draw: DrawFn) -> Json:
    """A press of a button, with any callback data."""
    return {
        "id": "press",
        "from": "person",
        "chat_instance": "1",
        "data": draw(CALLBACK_DATA),
        "message": draw(
            st.fixed_dictionaries(
                {"message_id": NUMBERS, "date": st.sampled_from((0, 1)), "chat": st.just("private")}
            )
            | st.fixed_dictionaries({"message_id": st.integers(1, 9), "chat": st.just("group")})
            | objects("MaybeInaccessibleMessage")
        ),
    }


_PARTS: Final = st.one_of(
    st.integers(-1, 99).map(str),
    st.integers(10**17, 10**20).map(str),
    st.sampled_from(("yes", "no", "s0123456789ab", "o1", "stronger", "swap", "٣", "1\n", "", "۱۲")),
    st.text(max_size=70),
)
CALLBACK_DATA: Final = st.one_of(
    st.text(max_size=100),
    st.builds(
        lambda word, parts: ":".join([word, *parts]),
        st.sampled_from(
            (
                *("cancel", "swap", "again", "file", "styles", "leaf", "pick", "tidy", "toss"),
                *("settings", "set", "forget"),
            )
        ),
        st.lists(_PARTS, max_size=4),
    ),
)


@st.composite
def updates(draw: DrawFn) -> Sent:
    """An update of any kind."""
    which = draw(st.integers(0, 9))
    if which < 6:
        return Sent(kind="message", content=draw(messages()))
    if which < 8:
        return Sent(kind="callback_query", content=draw(presses()))
    kind = draw(
        st.sampled_from(("message", "callback_query", "my_chat_member", "edited_message"))
        | st.sampled_from(("poll", "business_message", "guest_message", "aura"))
    )
    names = {"callback_query": "CallbackQuery", "my_chat_member": "ChatMemberUpdated"}
    content = draw(objects(names.get(kind, "Message")) | _JSON.map(_as_object))
    return Sent(kind=kind, content=content, own=False)


def _as_object(value: object) -> Json:
    return value if isinstance(value, dict) else {"chat": value, "from": value}
