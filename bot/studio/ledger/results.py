"""What the ledger answers beside the things themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.studio.ledger.model import OrderState, Picture, SavedStyle, Wishes


class LedgerError(Exception):
    """The ledger cannot do what was asked of it."""


class LedgerUnavailable(LedgerError):
    """The database is out of reach for now: away, locked, or without room.

    `only_writing` says that reading may well go on meanwhile.
    """

    def __init__(self, reason: str, *, only_writing: bool = False) -> None:
        super().__init__(reason)
        self.only_writing = only_writing


class LedgerTooNew(LedgerError):
    """A newer version of Atelier has written the ledger."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"it was written by a newer Atelier, with tables of revision {revision} that this one "
            "does not know: update Atelier, or give it a ledger of its own"
        )


class LedgerInUse(LedgerError):
    """Another bot is at work with the ledger; `who` says on which machine, and since when."""

    def __init__(self, who: str | None) -> None:
        super().__init__(
            f"another Atelier{f' (on {who})' if who else ''} is at work with it: "
            "stop that one, or give this one a ledger of its own"
        )


class TooManyOrders(LedgerError):
    """The person already has as many orders waiting and running as the host allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"there are {limit} orders waiting or running already")
        self.limit = limit


class TooManyPictures(LedgerError):
    """The person already has as many pictures here as one may (`bot.studio.ledger.pictures`)."""


class TooManyStyles(LedgerError):
    """The person already keeps as many styles as one may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"there are {limit} saved styles already")
        self.limit = limit


class RefusedPicture(LedgerError):
    """An order was asked for with a picture that has been refused, or is here no longer."""

    def __init__(self, picture: Picture) -> None:
        super().__init__(f"picture {picture.id} is {picture.state.value}")
        self.picture = picture


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedStyle:
    """A saved style that is no more; the files at `paths` are to be deleted after the commit."""

    style: SavedStyle
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long a finished order's last attempt took, in seconds, and what was asked of it."""

    seconds: float
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """What has had its time: the paths of files to delete; `more`: there may be more of it."""

    paths: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpread:
    """How some times lie, in seconds."""

    mean: float
    percentile_95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What the studio does now, and has done since some moment.

    `ordered`, `painted`, `failed` and `cancelled` count since then, `waiting` and `running` are
    now. `wait` is the time from order to brush and `paint` that of the last attempt, over the
    paintings finished since then; None without any.
    """

    ordered: int
    painted: int
    failed: int
    cancelled: int
    waiting: int
    running: int
    wait: TimeSpread | None
    paint: TimeSpread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is open now.

    Attributes:
        orders: how many there are in each state that is not final.
        oldest_waiting: when the oldest order was made whose painting has not begun.
        deliveries: how many things must still reach people.
        oldest_delivery: when the oldest of them was put into the outbox.
    """

    orders: Mapping[OrderState, int]
    oldest_waiting: datetime | None
    deliveries: int
    oldest_delivery: datetime | None

    @property
    def waiting(self) -> int:
        """How many orders wait for their painting to begin."""
        return self.orders[OrderState.PREPARING] + self.orders[OrderState.QUEUED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An order that is over: how it ended, and its times; `started_at` is its last attempt's."""

    id: int
    state: OrderState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
