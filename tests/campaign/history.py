"""Every step that every order took, written down by triggers of the database's own.

The bot knows nothing of them, and no commit can escape them: what they have written is the order
of things as the database saw it, whoever was killed meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.studio.ledger.model import OrderState
from tests.campaign.databases import Records

GONE: Final = "gone"
"""The state of an order that its person had forgotten."""

FORGOTTEN: Final = "forgotten"
"""A row that is about no order: its person is not known any more."""

_FINAL: Final = {state.value for state in OrderState if state.final}
_TABLE: Final = """
    CREATE TABLE campaign_history (
        seq {key}, order_id BIGINT, user_id BIGINT NOT NULL, state TEXT NOT NULL, epoch INTEGER
    )
"""
_WRITE: Final = "INSERT INTO campaign_history (order_id, user_id, state, epoch) VALUES "
_EVENTS: Final = {
    "placed": ("INSERT ON orders", "(NEW.id, NEW.user_id, NEW.state, NEW.epoch)"),
    "changed": ("UPDATE OF state, epoch ON orders", "(NEW.id, NEW.user_id, NEW.state, NEW.epoch)"),
    "deleted": ("DELETE ON orders", f"(OLD.id, OLD.user_id, '{GONE}', OLD.epoch)"),
    "forgotten": ("DELETE ON patrons", f"(NULL, OLD.user_id, '{FORGOTTEN}', NULL)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A state that an order came to be in; `order_id` is None where a person was forgotten."""

    order_id: int | None
    user_id: int
    state: str
    epoch: int | None


async def keep(records: Records, *, postgresql: bool) -> None:
    """Have the history kept from now on."""
    if postgresql:
        statements = [_TABLE.format(key="BIGSERIAL PRIMARY KEY")]
        for name, (event, values) in _EVENTS.items():
            body = f"BEGIN {_WRITE} {values}; RETURN NULL; END"
            statements += [
                f"CREATE FUNCTION campaign_{name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
                f"CREATE TRIGGER campaign_{name} AFTER {event} FOR EACH ROW"
                f" EXECUTE FUNCTION campaign_{name}()",
            ]
    else:
        statements = [_TABLE.format(key="INTEGER PRIMARY KEY AUTOINCREMENT")]
        statements += [
            f"CREATE TRIGGER campaign_{name} AFTER {event} BEGIN {_WRITE} {values}; END"
            for name, (event, values) in _EVENTS.items()
        ]
    await records.execute(*statements)


async def history(records: Records) -> list[Entry]:
    """All that was written down, in the order in which it was committed."""
    rows = await records.rows("SELECT * FROM campaign_history ORDER BY seq")
    return [
        Entry(order_id=row.order_id, user_id=row.user_id, state=row.state, epoch=row.epoch)
        for row in rows
    ]


@dataclass(slots=True)
class _Queue:
    """The queue as the rule of fairness would have it; see docs/architecture.md, "line"."""

    states: dict[int, str] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    served: dict[int, int] = field(default_factory=dict)

    def next(self) -> int | None:
        """Interrupted first, then who was served least recently or never, then the oldest."""
        waiting = [id_ for id_, state in self.states.items() if state == OrderState.QUEUED]
        return min(waiting, key=self._place, default=None)

    def _place(self, order_id: int) -> tuple[bool, int, int]:
        served = self.served.get(self.owners[order_id], -1)
        return order_id not in self.begun, served, order_id


def unfair(entries: Iterable[Entry]) -> list[str]:
    """What in a history breaks the rules of the queue, in words; empty if nothing does.

    Beside fairness: one engine paints one order at a time, what is final stays so, and an epoch
    never falls.
    """
    found = []
    queue = _Queue()
    epochs: dict[int, int] = {}
    for seq, entry in enumerate(entries):
        order_id = entry.order_id
        if order_id is None:
            queue.served.pop(entry.user_id, None)
            continue
        before = queue.states.get(order_id)
        if before in _FINAL and entry.state not in {before, GONE}:
            found.append(f"order {order_id} was {before} and became {entry.state}")
        if entry.epoch is not None and entry.epoch < epochs.get(order_id, 0):
            found.append(f"order {order_id} went back to epoch {entry.epoch}")
        epochs[order_id] = entry.epoch or 0
        if entry.state == OrderState.RUNNING and before != OrderState.RUNNING:
            running = [id_ for id_, state in queue.states.items() if state == OrderState.RUNNING]
            if running:
                found.append(f"order {order_id} began while {running} were painted")
            if (expected := queue.next()) != order_id:
                found.append(f"order {order_id} was begun, and {expected} was next")
            queue.begun.add(order_id)
            queue.served[entry.user_id] = seq
        queue.owners[order_id] = entry.user_id
        queue.states[order_id] = entry.state
    return found
