"""What the ledger answers beside the things themselves."""

from dataclasses import dataclass

from bot.studio.ledger.model import Draft, Order, Picture, SavedStyle


class LedgerError(Exception):
    """The ledger cannot do what was asked of it."""


class TooManyOrders(LedgerError):
    """The person already has as many orders waiting and running as the host allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"there are {limit} orders waiting or running already")
        self.limit = limit


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
class RefusedFrom:
    """Where a refused picture was, and how things stand now.

    `drafts` are the drafts that changed, as they are now: those which lost the picture, and those
    to which the other pictures of a cancelled order were given back. A draft may thus hold styles
    and no content. `orders` are the orders that were cancelled because of the picture. `styles`
    are saved styles that are no more. All are empty where nothing waited for it (any longer).
    """

    picture: Picture
    drafts: tuple[Draft, ...] = ()
    orders: tuple[Order, ...] = ()
    styles: tuple[SavedStyle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedStyle:
    """A saved style that is no more; the files at `paths` are to be deleted after the commit."""

    style: SavedStyle
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long a finished order's last attempt took, in seconds, and what was asked of it."""

    seconds: float
    size: int | None
    quality: str | None = None


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
