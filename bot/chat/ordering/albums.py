"""Albums: several pictures that are sent as one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.chat.ordering.album_memory import AlbumsLeftAlone, AlbumTimer, UnaddressedAlbums
from bot.chat.ordering.drafts import arranged, fill
from bot.chat.ordering.ordering import Ordering, Outcome, picture_of
from bot.chat.replies.prompts import Prompts
from bot.chat.requests.request import Person, Request
from bot.chat.requests.services import Services
from bot.studio.courier.prompts import IN_ALBUM
from bot.studio.ledger.model import Arrival, Draft, Notice, Picture, PictureState, Refusal
from bot.studio.ledger.results import RefusedPicture, TooManyOrders, TooManyPictures
from bot.studio.ledger.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Sender:
    """What the ledger does not know about an album while it waits.

    Forgetting it in a restart within that second costs the person's language and, where the
    album answered something, that it did.
    """

    person: Person
    answers: bool = False


class AlbumOrdering:
    """Keeps the parts of albums and makes orders of them.

    An album of two or more is an order of its own: its first picture (by message id, as
    Telegram shows it) is the content, the others are styles. What the person had begun before
    stays as it was. An album of one counts as a single picture, and one that answers a photo or
    the bot's question gives what was missing there.
    """

    def __init__(self, services: Services, ordering: Ordering, prompts: Prompts) -> None:
        self._services = services
        self._ordering = ordering
        self._prompts = prompts
        self._timer = AlbumTimer(self._see_through, quiet=services.album_quiet)
        self._senders: dict[tuple[int, str], _Sender] = {}
        self._unaddressed = UnaddressedAlbums()
        self._left_alone = AlbumsLeftAlone()

    async def resume(self) -> None:
        """Take up the albums that an earlier process did not settle."""
        async with self._services.ledger.begin() as transaction:
            waiting = await transaction.open_albums()
        for parts in waiting:
            if parts[0].media_group_id is not None:
                self._timer.touch(parts[0].place.chat_id, parts[0].media_group_id)

    async def close(self) -> None:
        """Stop waiting; what was not settled is still open in the ledger."""
        await self._timer.close()

    async def flush(self, chat_id: int) -> None:
        """Settle this chat's albums now: something has come that is no part of them."""
        await self._timer.flush(chat_id)

    async def take(
        self,
        request: Request,
        parts: Sequence[Arrival],
        *,
        content: Arrival | None = None,
        answers: bool = False,
    ) -> None:
        """Keep parts of one album, which is settled once no further part comes for a while.

        Args:
            request: who sent the last of them.
            parts: at least one part.
            content: a picture that the album answers; then all its parts are styles.
            answers: whether the album answers the bot's question.
        """
        if self._left_alone.holds(parts[0]):
            await self._say_left(request, parts[-1])
            return
        try:
            async with self._services.ledger.begin() as transaction:
                found = [await transaction.add_picture(part) for part in parts]
                is_open = await _is_open(transaction, parts[0])
                if is_open and content is not None:
                    draft = Draft(
                        place=request.place,
                        user_id=request.person.id,
                        content=await picture_of(transaction, content),
                    )
                    await transaction.save_draft(draft)
        except TooManyPictures:
            await self._prompts.say_too_many(request)
            return
        except RefusedPicture:
            await self._prompts.say_refused(request)
            return
        added = [picture for picture in found if picture is not None]
        if is_open:
            sender = _Sender(request.person, answers=answers or content is not None)
            self._wait(parts[0], sender)
        else:
            for picture in added:
                await self._ordering.take_late(_request([picture], request.person), picture)

    async def take_addressed(
        self, request: Request, part: Arrival, *, content: Arrival | None = None
    ) -> None:
        """Take an album of which this part is for the bot, with what has passed of it before.

        Args:
            request: who sent it.
            part: the part with the command.
            content: a picture that the album answers; then all its parts are styles.
        """
        await self.take(request, [*self._unaddressed.claim(part), part], content=content)

    async def take_unaddressed(self, request: Request, part: Arrival) -> None:
        """Take a part that nobody handed over, if it belongs to an album that was."""
        if part.media_group_id is None:
            return
        async with self._services.ledger.begin() as transaction:
            ours = await transaction.album(part.place.chat_id, part.media_group_id)
        if ours:
            await self.take(request, [part])
        else:
            self._unaddressed.remember(part)

    async def leave_alone(self, request: Request, part: Arrival) -> None:
        """Leave an album alone, since one part of it has been called for by itself.

        Neither what came of it before nor what is still to come is made anything of.
        """
        if part.media_group_id is None:
            return
        self._left_alone.add(part)
        async with self._services.ledger.begin() as transaction:
            others = await transaction.album(part.place.chat_id, part.media_group_id)
            await transaction.settle_album(part.place.chat_id, part.media_group_id)
        if others:
            await self._say_left(request, part)

    async def _say_left(self, request: Request, part: Arrival) -> None:
        if self._left_alone.is_news(part):
            await self._prompts.say_only_named(request)

    def _wait(self, part: Arrival, sender: _Sender) -> None:
        if part.media_group_id is not None:
            key = part.place.chat_id, part.media_group_id
            if sender.answers or key not in self._senders:
                self._senders[key] = sender
            self._timer.touch(*key)

    async def _see_through(self, chat_id: int, media_group_id: str) -> None:
        settle = partial(self._settle, chat_id, media_group_id)
        if await self._services.ledger.through_outages(settle):
            self._senders.pop((chat_id, media_group_id), None)

    async def _settle(self, chat_id: int, media_group_id: str) -> bool:
        """Make of an album what it is to be; False when it is too early for that."""
        async with self._services.ledger.begin() as transaction:
            if await _more_to_come(transaction, media_group_id):
                self._timer.touch(chat_id, media_group_id)
                return False
            sender = self._senders.get((chat_id, media_group_id))
            if not await transaction.settle_album(chat_id, media_group_id):
                return True
            parts = await transaction.album(chat_id, media_group_id)
            good = [part for part in parts if part.state is not PictureState.REFUSED]
            sender = sender or _Sender(_owner(parts[0]))
            request = _request(parts, sender.person)
            try:
                outcome: Outcome | TooManyOrders = await self._write(
                    transaction, request, good, sender
                )
            except TooManyOrders as full:
                await self._keep_photo(transaction, request, good)
                outcome = full
            if bad := len(parts) - len(good):
                ordered = isinstance(outcome, Outcome) and outcome.order is not None
                refusal = Refusal(name=IN_ALBUM, facts={"number": bad, "ordered": ordered})
                await self._refuse(transaction, request, refusal)
        if isinstance(outcome, TooManyOrders):
            await self._prompts.say_full(request, outcome.limit)
        elif not bad:
            await self._ordering.answer(request, outcome)
        return True

    async def _refuse(self, transaction: Transaction, request: Request, refusal: Refusal) -> None:
        """Have it told, as all refusals are; and what to send instead, unless there is an order."""
        words = self._services.words(request.person)
        notice = Notice(
            place=request.place,
            user_id=request.person.id,
            language=words.language,
            refusal=refusal,
        )
        await transaction.tell_refusal(notice, reply_to=request.message_id)

    async def _write(
        self,
        transaction: Transaction,
        request: Request,
        pictures: Sequence[Picture],
        sender: _Sender,
    ) -> Outcome:
        if len(pictures) < 2 or sender.answers:
            draft = await self._ordering.begun(transaction, request)
            return await self._ordering.write(transaction, request, draft, pictures)
        filled = fill(
            Draft(place=request.place, user_id=request.person.id),
            arranged(pictures, self._services.words(request.person)),
            most_styles=self._services.most_styles,
        )
        order = await self._ordering.place(transaction, request, filled.draft)
        return Outcome(order=order, left_out=filled.left_out)

    async def _keep_photo(
        self, transaction: Transaction, request: Request, pictures: Sequence[Picture]
    ) -> None:
        """Keep the album's photo for when there is room again, unless another one is waiting."""
        begun = await self._ordering.begun(transaction, request)
        if not begun.pictures:
            photo = arranged(pictures, self._services.words(request.person))[0]
            await transaction.save_draft(replace(begun, content=photo))


async def _is_open(transaction: Transaction, part: Arrival) -> bool:
    key = part.place.chat_id, part.media_group_id
    return any(
        (album[0].place.chat_id, album[0].media_group_id) == key
        for album in await transaction.open_albums()
    )


async def _more_to_come(transaction: Transaction, media_group_id: str) -> bool:
    """Whether parts of the album have been received but not handled yet.

    On a busy machine handling a part may take longer than the quiet that ends an album.
    """
    mark = f'"media_group_id": {json.dumps(media_group_id)}'
    return any(mark in payload for _, payload in await transaction.kept_updates())


def _owner(part: Picture) -> Person:
    group_id = None if part.place.private else part.place.chat_id
    return Person(part.user_id, is_user=part.user_id > 0, group_id=group_id)


def _request(parts: Sequence[Picture], person: Person) -> Request:
    """In a group the part with the command is answered: of the others the bot may not know."""
    speaking = next((p for p in parts if (p.caption or "").startswith("/")), parts[0])
    return Request(place=parts[0].place, person=person, message_id=speaking.message_id)
