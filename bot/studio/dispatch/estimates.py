"""What waiting people may expect: how many are before them, and how long it will take."""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bot.studio.ledger.model import Order, OrderState, Wishes
from bot.studio.ledger.results import Duration
from bot.studio.ledger.wishes import NOMINAL_SIZE, with_defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an open order may expect.

    `position` is how many paintings must be finished before this one begins: 0 for one that is
    being painted or is next on a free engine. `wait` is the seconds until the painting begins or,
    once it has begun, until it is expected to be done; None: nobody can tell yet.
    """

    position: int
    wait: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """Looks ahead for a studio.

    Attributes:
        engines: says how many orders it can paint at once.
        defaults: the host's wishes, for what orders leave open.
    """

    engines: Callable[[], int] = lambda: 1
    defaults: Wishes = field(default_factory=Wishes)

    def estimate(
        self,
        open_orders: Sequence[Order],
        line: Sequence[int],
        durations: Sequence[Duration],
        remaining: Callable[[Order, float], float],
    ) -> dict[int, Estimate]:
        """What each open order may expect, by its id.

        Orders whose pictures are still being fetched are taken to come after all others.

        Args:
            open_orders: those that are not final.
            line: the ids of those that wait, as they will run.
            durations: how long earlier ones took.
            remaining: the seconds until a running order is done, of so many in all.
        """
        seconds = paint_time(durations, self.defaults)
        by_id = {order.id: order for order in open_orders}
        preparing = [order for order in open_orders if order.state is OrderState.PREPARING]
        return estimate_waits(
            {
                order.id: remaining(order, seconds(order))
                for order in open_orders
                if order.state is OrderState.RUNNING
            },
            [*(by_id[order_id] for order_id in line), *preparing],
            engines=max(1, self.engines()),
            seconds=seconds,
        )


def paint_time(durations: Sequence[Duration], defaults: Wishes) -> Callable[[Order], float]:
    """How long an order will take to paint, in seconds, judged by those before it.

    Orders of the same quality and size are the best judges, by their median. Else it is those of
    the same quality, else all: the work grows with the number of pixels, that is with the square
    of the size, so it is their median time per pixel that counts. Without any experience the
    answer is infinity.

    Args:
        durations: what was measured.
        defaults: the host's wishes, for what those orders and this one left open.
    """

    def known(wishes: Wishes) -> tuple[str | None, int]:
        wishes = with_defaults(wishes, defaults)
        return wishes.quality, wishes.size or NOMINAL_SIZE

    alike: dict[tuple[str | None, int], list[float]] = defaultdict(list)
    rates: dict[str | None, list[float]] = defaultdict(list)
    for duration in durations:
        quality, size = known(duration.wishes)
        alike[quality, size].append(duration.seconds)
        rates[quality].append(duration.seconds / size**2)
    all_rates = [rate for some in rates.values() for rate in some]

    def seconds(order: Order) -> float:
        quality, size = known(order.wishes)
        if (quality, size) in alike:
            return median(alike[quality, size])
        if not all_rates:
            return math.inf
        return median(rates.get(quality, all_rates)) * size**2

    return seconds


def estimate_waits(
    running: Mapping[int, float],
    waiting: Sequence[Order],
    *,
    engines: int,
    seconds: Callable[[Order], float],
) -> dict[int, Estimate]:
    """Play the line through.

    Args:
        running: for each order at work, the seconds until it is done (infinity: unknown).
        waiting: the orders that wait, as they will run.
        engines: how many orders can be at work at once, 1 or more.
        seconds: how long an order takes to paint.

    Returns:
        The estimate of each order, by id.
    """
    estimates = {
        order_id: Estimate(position=0, wait=_finite(left)) for order_id, left in running.items()
    }
    idle = max(0, engines - len(running))
    free_at = [*running.values(), *([0.0] * idle)]
    heapq.heapify(free_at)
    for index, order in enumerate(waiting):
        begins = heapq.heappop(free_at)
        heapq.heappush(free_at, begins + seconds(order))
        estimates[order.id] = Estimate(position=max(0, index + 1 - idle), wait=_finite(begins))
    return estimates


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
