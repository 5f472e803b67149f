"""What people do and what breaks, all drawn from a seed: the same seed is the same plan."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

PEOPLE: Final = 6
GROUPS: Final = 2

T = TypeVar("T")


class Deed(StrEnum):
    """What somebody does."""

    ALBUM = "sends an album of photo and style"
    ONE_BY_ONE = "sends a photo, then a style"
    NAMED = "sends a photo with a style's name"
    GROUP_ALBUM = "calls for an album in a group"
    POISON = "sends a pair that kills the engine"
    RUBBISH = "sends a file that is no picture"
    HALF_RUBBISH = "sends an album of which one file is no picture"
    CANCEL = "presses Cancel"
    CANCEL_COMMAND = "says /cancel"
    SWAP = "presses Swap under a card"
    AGAIN = "presses a button under a painting"
    FILE = "asks for a painting as a file"
    FORGET = "has everything forgotten"
    DELETE_CARD = "deletes a card"
    CHATTER = "chatters"


class Kind(StrEnum):
    """What breaks."""

    KILL_BOT = "the bot is killed"
    KILL_ENGINE = "the engine is killed"
    KILL_BOTH = "bot and engine are killed"
    KILL_DECODER = "the decoder is killed"
    RESTART = "the bot is told to stop"
    FREEZE_BOT = "the bot freezes"
    FREEZE_ENGINE = "the engine freezes"
    FREEZE_BOTH = "bot and engine freeze"
    KILL_DATABASE = "the database's server is killed"
    KILL_CONNECTION = "the database's process for a connection is killed"
    FREEZE_DATABASE = "the database freezes"
    FULL_DISK = "the disk is full"
    TOO_MANY = "Telegram answers 429"
    BAD_GATEWAY = "Telegram answers 502 and has done nothing"
    BAD_GATEWAY_AFTER = "Telegram answers 502 and has done it"
    LOST_REQUEST = "a call is lost"
    LOST_ANSWER = "the answer to a call is lost"
    SILENCE = "Telegram does nothing and says nothing"
    SILENCE_AFTER = "Telegram does it and says nothing"
    REDELIVERY = "an update comes twice"


POSTGRESQL_ONLY: Final = frozenset({Kind.KILL_DATABASE, Kind.KILL_CONNECTION, Kind.FREEZE_DATABASE})
DISK: Final = frozenset({Kind.FULL_DISK})

_DEEDS: Final = {
    Deed.ALBUM: 6,
    Deed.ONE_BY_ONE: 3,
    Deed.NAMED: 2,
    Deed.GROUP_ALBUM: 4,
    Deed.POISON: 2,
    Deed.RUBBISH: 2,
    Deed.HALF_RUBBISH: 2,
    Deed.CANCEL: 4,
    Deed.CANCEL_COMMAND: 1,
    Deed.SWAP: 2,
    Deed.AGAIN: 3,
    Deed.FILE: 2,
    Deed.FORGET: 4,
    Deed.DELETE_CARD: 1,
    Deed.CHATTER: 1,
}
_KINDS: Final = {
    Kind.KILL_BOT: 6,
    Kind.KILL_ENGINE: 4,
    Kind.KILL_BOTH: 2,
    Kind.KILL_DECODER: 2,
    Kind.RESTART: 1,
    Kind.FREEZE_BOT: 3,
    Kind.FREEZE_ENGINE: 3,
    Kind.FREEZE_BOTH: 1,
    Kind.KILL_DATABASE: 5,
    Kind.KILL_CONNECTION: 4,
    Kind.FREEZE_DATABASE: 3,
    Kind.FULL_DISK: 4,
    Kind.TOO_MANY: 4,
    Kind.BAD_GATEWAY: 2,
    Kind.BAD_GATEWAY_AFTER: 3,
    Kind.LOST_REQUEST: 2,
    Kind.LOST_ANSWER: 5,
    Kind.SILENCE: 1,
    Kind.SILENCE_AFTER: 1,
    Kind.REDELIVERY: 2,
}
# What a bot that has just come up, or that is at work, is likely to be asking for.
_METHODS: Final = ("*", "send*", "sendPhoto", "edit*", "sendMessage", "delete*", "download", "get*")
_MOST_CALLS: Final = 12
_LONGEST_DELAY: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One deed. `choice`, 0 to 1, chooses among what there then is to press or delete."""

    deed: Deed
    person: int
    group: int
    choice: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, and its moment.

    Attributes:
        kind: what breaks.
        after_calls: how many calls of the bot's Telegram obeys first; the fault then strikes
            before the last of them is answered. None: it strikes after a delay.
        delay: seconds to wait, unless calls are counted.
        lasts: seconds until it is over, or until what was killed is started again.
        methods: which calls a fault of Telegram's meets.
        times: how many of them.
    """

    kind: Kind
    after_calls: int | None
    delay: float
    lasts: float
    methods: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What people do, and the fault that comes over it; `number` counts from 1."""

    number: int
    actions: tuple[Action, ...]
    fault: Fault


def steps(seed: int, faults: int, *, without: frozenset[Kind] = frozenset()) -> Iterator[Step]:
    """Draw a campaign.

    Each step has a generator of its own, so that a longer campaign begins as a shorter one.

    Args:
        seed: what everything follows from.
        faults: how many steps.
        without: what cannot break here.
    """
    kinds = {kind: weight for kind, weight in _KINDS.items() if kind not in without}
    for number in range(1, faults + 1):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 (it is to be repeated)
        actions = tuple(_action(draw) for _ in range(draw.randint(0, 2)))
        yield Step(number=number, actions=actions, fault=_fault(draw, kinds))


def _action(draw: random.Random) -> Action:
    return Action(
        deed=_weighted(draw, _DEEDS),
        person=draw.randrange(PEOPLE),
        group=draw.randrange(GROUPS),
        choice=draw.random(),
    )


def _fault(draw: random.Random, kinds: dict[Kind, int]) -> Fault:
    return Fault(
        kind=_weighted(draw, kinds),
        after_calls=draw.choice([None, draw.randint(1, _MOST_CALLS)]),
        delay=draw.uniform(0, _LONGEST_DELAY),
        lasts=draw.choice([0.0, draw.uniform(0, 0.3), draw.uniform(0.2, 1.2)]),
        methods=draw.choice(_METHODS),
        times=draw.choice([1, 1, 2, 3]),
    )


def _weighted(draw: random.Random, weights: dict[T, int]) -> T:
    names: Sequence[T] = tuple(weights)
    [chosen] = draw.choices(names, weights=tuple(weights.values()))
    return chosen
