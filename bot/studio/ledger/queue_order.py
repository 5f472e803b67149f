"""The line in which orders wait: whose turn is next."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.studio.ledger.model import Order


def line_up(waiting: Iterable[Order], served_at: Mapping[int, datetime | None]) -> list[Order]:
    """The order in which `waiting` will run if nothing else happens.

    An order whose attempt was interrupted (by a restart, or by the engine's death) goes first: its
    person has had the turn but not the painting. Then whoever was served least recently, and of
    one person's orders the oldest. `served_at` tells for each user id when that was; each turn
    taken here sends its person to the back, as it will when it really comes.
    """
    left = sorted(waiting, key=lambda order: order.id)
    # (0,) never served, (1, when) served in truth, (2, turn) served in this simulation.
    served: dict[int, tuple[float, ...]] = {}
    for order in left:
        when = served_at.get(order.user_id)
        served[order.user_id] = (0.0,) if when is None else (1.0, when.timestamp())
    line: list[Order] = []
    while left:
        turn = min(left, key=lambda o: (o.started_at is None, served[o.user_id], o.id))
        left.remove(turn)
        line.append(turn)
        served[turn.user_id] = (2.0, float(len(line)))
    return line
