"""What must be true of a campaign once all is quiet, asked from outside.

Every function returns what is wrong, in words; nothing is an empty list.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row

from bot.studio.ledger.model import OrderState
from bot.studio.pictures.files import FOLDER
from tests.campaign.databases import Records
from tests.campaign.history import GONE, Entry, history, unfair
from tests.campaign.people import People, Request, shows
from tests.campaign.plan import PEOPLE, Deed
from tests.campaign.telling import Said, Telling

REFUSALS: Final = ("That file is not a picture.", "can't be used", "I could not open that picture.")
NO_ROOM: Final = "Please try again later."
FAILURES: Final = (
    "too much for the studio",
    "no longer here",
    "Something went wrong in the studio",
)

# What is still on its way, by what it is.
UNDER_WAY: Final = {
    "updates": "SELECT update_id FROM updates WHERE NOT handled",
    "pictures": "SELECT id FROM pictures WHERE state = 'pending'",
    "albums": "SELECT media_group_id FROM albums WHERE NOT settled",
    "orders": "SELECT id, state FROM orders WHERE state IN ('preparing', 'queued', 'running')",
    "deliveries": "SELECT id, order_id, kind, state, attempts FROM deliveries"
    " WHERE state IN ('waiting', 'sending')",
    "cards": "SELECT id, card FROM orders"
    " WHERE state IN ('done', 'failed', 'cancelled') AND card IS NOT NULL",
}

# What the log tells of children that were killed. Any other error is a defect of the bot's.
_EXPLAINED: Final = (
    "bot.engines.child_process: engine on CPU (process",
    "bot.engines.process: The engine did not come up:",
    "bot.studio.dispatch.dispatcher: Engine CPU did not start;",
    "fetching it met a fault",
)

_ORDERING: Final = {
    Deed.ALBUM,
    Deed.GROUP_ALBUM,
    Deed.ONE_BY_ONE,
    Deed.NAMED,
    Deed.POISON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to be looked at: what people saw, and what the database holds."""

    people: People
    telling: Telling
    orders: Sequence[Row[Any]]
    pictures: Sequence[Row[Any]]
    styles: Sequence[Row[Any]]
    cancellations: Sequence[Row[Any]]
    entries: Sequence[Entry]
    data_dir: Path

    @property
    def refused(self) -> set[tuple[int, int]]:
        """Chat and message of each picture that was refused."""
        return {
            (row.chat_id, abs(row.message_id)) for row in self.pictures if row.state == "refused"
        }


async def gather(people: People, telling: Telling, records: Records, data_dir: Path) -> Evidence:
    """Read what the database holds now."""
    return Evidence(
        people=people,
        telling=telling,
        orders=await records.rows("SELECT * FROM orders ORDER BY id"),
        pictures=await records.rows("SELECT * FROM pictures"),
        styles=await records.rows("SELECT order_id, picture_id FROM order_styles"),
        cancellations=await records.rows(
            "SELECT asked_by FROM deliveries WHERE kind = 'cancellation'"
        ),
        entries=await history(records),
        data_dir=data_dir,
    )


def wrong(evidence: Evidence) -> list[str]:
    """Everything that is wrong."""
    checks: tuple[Callable[[Evidence], Iterator[str]], ...] = (
        every_request_is_an_order,
        every_order_is_told_once,
        every_refusal_is_told_once,
        every_row_has_its_file,
    )
    found = [line for check in checks for line in check(evidence)]
    return [*found, *unfair(evidence.entries)]


def every_request_is_an_order(evidence: Evidence) -> Iterator[str]:
    """Whoever asked for a painting has one order, unless they had it forgotten or it was refused.

    Where a good picture was refused (its decoder died twice), the photos of that person's later
    requests may have found other partners.
    """
    by_message: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in evidence.orders:
        if row.change is None:
            by_message[row.chat_id, row.reply_to].add(row.id)
    refused = evidence.refused
    unlucky = {
        request.person.id
        for request in evidence.people.requests
        if request.deed in _ORDERING and any(key in refused for key in _keys(request))
    }
    for request in evidence.people.requests:
        if (
            request.deed not in _ORDERING
            or request.person.id in evidence.people.forgotten | unlucky
        ):
            continue
        made = set().union(*(by_message[key] for key in _keys(request)))
        if not made and _was_put_off(evidence, request):
            continue
        if len(made) != 1:
            yield f"{_name(request)} became the orders {sorted(made)}"


def _was_put_off(evidence: Evidence, request: Request) -> bool:
    """Whether somebody was told that there is no room for a gallery style's copy just now."""
    return request.deed is Deed.NAMED and any(
        said.message.reply_to in request.message_ids and NO_ROOM in said.message.words
        for said in evidence.telling.in_chat(request.chat.id)
    )


def every_order_is_told_once(evidence: Evidence) -> Iterator[str]:
    """One painting, one told failure or one told cancel for each order, and never two of them."""
    states = {entry.order_id: entry.state for entry in evidence.entries if entry.order_id}
    rows = {row.id: row for row in evidence.orders}
    paintings, cards = _by_order(evidence.telling, "file:"), _by_order(evidence.telling, "cancel:")
    colours = {
        (request.chat.id, id_): request.colours
        for request in evidence.people.requests
        for id_ in request.message_ids
    }
    for order_id, state in states.items():
        row = rows.get(order_id)
        painted = paintings[order_id]
        if not evidence.telling.once(painted):
            times = len({said.message.message_id for said in painted})
            yield f"order {order_id} ({state}) was brought {times} times"
        if state == GONE or row is None:
            continue
        if (state == OrderState.DONE) != bool(painted):
            yield f"order {order_id} is {state}, and has {len(painted)} paintings"
        if painted and row.change is None:
            wanted = colours.get((row.chat_id, row.reply_to), ())
            if wanted and not any(shows(painted[0].message.data, one) for one in wanted):
                yield f"the painting of order {order_id} shows another photo"
        if state == OrderState.FAILED:
            yield from _failure(evidence, row, cards[order_id])
        if state == OrderState.CANCELLED and not _cancel_was_told(evidence, row, cards[order_id]):
            yield f"order {order_id} was cancelled, and nobody was told"


def _failure(evidence: Evidence, row: Row[Any], cards: Sequence[Said]) -> Iterator[str]:
    ids = {said.message.message_id for said in cards}
    told = [
        said
        for said in evidence.telling.messages(row.chat_id, FAILURES)
        if said.message.reply_to == row.reply_to or said.message.message_id in ids
    ]
    if not told:
        yield f"order {row.id} failed ({row.failure}), and nobody was told"
    elif not evidence.telling.once(told):
        yield f"the failure of order {row.id} was told {len(told)} times"


def _cancel_was_told(evidence: Evidence, row: Row[Any], cards: Sequence[Said]) -> bool:
    """A card, which is closed by now; a message that says so; or the refusal of a picture."""
    if cards:
        return True
    chat = evidence.telling.in_chat(row.chat_id)
    if any("ancelled" in said.message.words for said in chat):
        return True
    own = {row.content_id, *(s.picture_id for s in evidence.styles if s.order_id == row.id)}
    return any(one.id in own and one.state == "refused" for one in evidence.pictures)


def every_refusal_is_told_once(evidence: Evidence) -> Iterator[str]:
    """Where a picture was refused people are told, and of no picture twice.

    The pictures of an album may be refused in one message.
    """
    refused = Counter(chat_id for chat_id, _ in evidence.refused)
    waiting = _waited_for_refused(evidence)
    for chat in evidence.people.chats:
        told = evidence.telling.messages(chat.id, REFUSALS)
        sure = [said for said in told if not evidence.telling.unsure(said)]
        if chat.id in waiting and not told:
            yield f"{refused[chat.id]} pictures were refused in {chat.id}, and nobody was told"
        if len(sure) > refused[chat.id]:
            yield f"{refused[chat.id]} pictures were refused in {chat.id}, {len(sure)} times"


def _waited_for_refused(evidence: Evidence) -> set[int]:
    """The chats in which somebody still wanted a picture when it was refused.

    It called its order off; or no order was ever made, where nobody cancels anything.
    """
    calling_off = {row.asked_by for row in evidence.cancellations}
    ordered = {row.content_id for row in evidence.orders}
    ordered |= {row.picture_id for row in evidence.styles}
    quiet = {newcomer.id for newcomer in evidence.people.everybody[PEOPLE:]}
    return {
        row.chat_id
        for row in evidence.pictures
        if row.state == "refused"
        and (f"picture {row.id}" in calling_off or (row.chat_id in quiet and row.id not in ordered))
    }


def every_row_has_its_file(evidence: Evidence) -> Iterator[str]:
    """What a row names is on the disk."""
    named = [
        *(("painting", row.id, row.painting) for row in evidence.orders),
        *(("picture", row.id, row.path) for row in evidence.pictures),
    ]
    for what, row_id, path in named:
        if path is not None and not (evidence.data_dir / path).is_file():
            yield f"the {what} of row {row_id} is not there: {path}"


def unexplained_errors(log: str) -> list[str]:
    """The errors in the bot's log that no fault of the campaign's explains."""
    return [
        f"the log has: {line}"
        for line in log.splitlines()
        if " ERROR " in line and not any(words in line for words in _EXPLAINED)
    ]


def lone_files(evidence: Evidence) -> list[str]:
    """The files that no row names."""
    named = {row.painting for row in evidence.orders} | {row.path for row in evidence.pictures}
    there = (path.relative_to(evidence.data_dir) for path in _images(evidence.data_dir))
    return sorted(path.as_posix() for path in there if path.as_posix() not in named)


def _images(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / FOLDER).glob("*/*") if path.is_file()]


def outcomes(evidence: Evidence) -> Mapping[str, int]:
    """How many orders ended in which way."""
    states = {entry.order_id: entry.state for entry in evidence.entries if entry.order_id}
    return Counter(states.values())


def _by_order(telling: Telling, word: str) -> dict[int, list[Said]]:
    """The messages with a button of an order's, by the order."""
    found: dict[int, list[Said]] = defaultdict(list)
    for said in telling.everywhere():
        for button in said.message.buttons:
            if button.data.startswith(word):
                found[int(button.data.removeprefix(word))].append(said)
    return found


def _keys(request: Request) -> list[tuple[int, int]]:
    return [(request.chat.id, message_id) for message_id in request.message_ids]


def _name(request: Request) -> str:
    who, ids = request.person.user.name, ", ".join(map(str, request.message_ids))
    return f"“{who} {request.deed}” (messages {ids})"
