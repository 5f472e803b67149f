"""From pictures to drafts and orders: persist, then answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.chat.ordering.drafts import fill, is_complete, still_fresh
from bot.chat.replies.prompts import Prompts
from bot.chat.requests.request import Request
from bot.chat.requests.services import Services
from bot.studio.ledger.ledger import Ledger
from bot.studio.ledger.model import Arrival, Draft, NewOrder, Order, Picture, PictureState, Wishes
from bot.studio.ledger.results import RefusedPicture, TooManyOrders, TooManyPictures
from bot.studio.ledger.transaction import Transaction

FETCHING_WAIT = 0.7
"""Seconds for which an acknowledgement waits for the picture's bytes, in case they are bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request: an order, or a draft that lacks something, or neither.

    `left_out` counts the pictures that found no room. `news` is False when nothing was added.
    `too_late`: the picture came after its album had been settled.
    """

    draft: Draft | None = None
    order: Order | None = None
    left_out: int = 0
    news: bool = True
    too_late: bool = False


@dataclass(frozen=True, slots=True)
class Ordering:
    """Turns pictures into drafts and orders, and has what is missing asked for.

    When an order is made nothing is said here: its status card, sent by the courier, answers.
    """

    services: Services
    prompts: Prompts

    async def take(
        self,
        request: Request,
        own: Arrival | None = None,
        *,
        others: Sequence[Arrival] = (),
        afresh: bool = False,
    ) -> None:
        """Add pictures to the person's draft, and order the painting once nothing is missing.

        Args:
            request: who asks, where, by which message.
            own: the picture in that very message.
            others: pictures in messages that it points to; they come before `own`.
            afresh: whether to put aside what the person gave before.
        """

        async def write(transaction: Transaction) -> Outcome:
            pictures = [await picture_of(transaction, arrival) for arrival in others]
            if own is not None:
                added = await transaction.add_picture(own)
                if added is None:
                    return Outcome(draft=await _unanswered(transaction, request, own))
                pictures.append(added)
            draft = await self.begun(transaction, request)
            if afresh:
                draft = replace(draft, content=None, styles=())
            return await self.write(transaction, request, draft, pictures)

        await self._do(request, write)

    async def take_late(self, request: Request, picture: Picture) -> None:
        """Take a part of an album that came after the album was settled.

        It fills a gap if there is one; otherwise it is left out.
        """

        async def write(transaction: Transaction) -> Outcome:
            draft = await self.begun(transaction, request)
            if not draft.pictures:
                return Outcome(too_late=True)
            return await self.write(transaction, request, draft, [picture])

        await self._do(request, write)

    async def choose(
        self, request: Request, style: Picture, *, photo: Arrival | None = None
    ) -> Outcome | None:
        """Take a style that has been chosen, in the place of any that the person's draft holds.

        Args:
            request: who chooses.
            style: its picture.
            photo: the picture to paint, where one was handed over with the choice.

        Returns:
            What became of it; None when the person has been told why it cannot be.
        """

        async def write(transaction: Transaction) -> Outcome:
            if await transaction.order_from(request.source) is not None:
                return Outcome()  # It was handled before, and comes again.
            draft = replace(await self.begun(transaction, request), styles=(style,))
            if photo is not None:
                draft = replace(draft, content=await picture_of(transaction, on_its_own(photo)))
            return replace(await self.write(transaction, request, draft, []), news=True)

        return await self._do(request, write)

    async def keep_photo(self, request: Request, photo: Arrival) -> bool:
        """Make a picture the photo of the person's draft, without a word; its style is to come.

        Returns:
            False when the person has been told that it cannot be used.
        """

        async def write(transaction: Transaction) -> Outcome:
            draft = Draft(
                place=request.place,
                user_id=request.person.id,
                content=await picture_of(transaction, on_its_own(photo)),
                language=self.services.words(request.person).language,
            )
            await transaction.save_draft(draft)
            return Outcome()

        return await self._do(request, write) is not None

    async def begun(self, transaction: Transaction, request: Request) -> Draft:
        """The person's draft; an empty one if nothing was added to it for too long."""
        draft = await transaction.draft(request.place, request.person.id)
        return still_fresh(draft, self.services.clock())

    async def answer(self, request: Request, outcome: Outcome) -> None:
        """Ask for what is missing, or say what was not used."""
        if outcome.too_late:
            await self.prompts.say_too_late(request)
        elif outcome.left_out:
            await self.prompts.say_left_out(request, outcome.left_out)
        elif outcome.draft is not None:
            await wait_for_fetching(self.services.ledger, outcome.draft.pictures)
            await self.prompts.ask(request, outcome.draft, news=outcome.news)

    async def write(
        self, transaction: Transaction, request: Request, draft: Draft, pictures: Sequence[Picture]
    ) -> Outcome:
        """Pour pictures into a draft and write down the order, or else the draft.

        Raises:
            TooManyOrders, RefusedPicture: nothing was written down.
        """
        filled = fill(draft, pictures, most_styles=self.services.most_styles)
        if is_complete(filled.draft):
            order = await self.place(transaction, request, filled.draft)
            await transaction.clear_draft(request.place, request.person.id)
            return Outcome(order=order, left_out=filled.left_out)
        language = self.services.words(request.person).language
        asked = replace(filled.draft, prompt=None, language=language)
        await transaction.save_draft(asked)
        return Outcome(draft=asked, news=bool(pictures))

    async def place(self, transaction: Transaction, request: Request, draft: Draft) -> Order:
        """Write down the order for a complete draft.

        In private the painting answers the photo that it shows; in a group it answers the person
        who asked, because the photo may be somebody else's. Who pressed a button there has no
        message of their own but perhaps that photo.

        Raises:
            TooManyOrders, RefusedPicture: nothing was written down.
        """
        if draft.content is None:
            raise ValueError("a draft without a photo cannot be ordered")
        place = request.place
        own_photo = request.mention is not None and draft.content.user_id == request.person.id
        wishes = await transaction.wishes_for(
            place, request.person.id, Wishes(), largest=self.services.sizes.largest
        )
        return await transaction.place_order(
            NewOrder(
                place=place,
                user_id=request.person.id,
                source=request.source,
                reply_to=(
                    # Below zero it is that of a picture which the message points to.
                    abs(draft.content.message_id)
                    if place.private or own_photo
                    else request.message_id
                ),
                content=draft.content,
                styles=draft.styles,
                wishes=wishes,
                language=self.services.words(request.person).language,
            ),
            limit=self.services.max_orders,
        )

    async def _do(
        self, request: Request, write: Callable[[Transaction], Awaitable[Outcome]]
    ) -> Outcome | None:
        try:
            async with self.services.ledger.begin() as transaction:
                outcome = await write(transaction)
        except TooManyOrders as full:
            # Rolled back: the draft is as it was, and a redelivery finds the same state.
            await self.prompts.say_full(request, full.limit)
        except TooManyPictures:
            await self.prompts.say_too_many(request)
        except RefusedPicture:
            await self.prompts.say_refused(request)
        else:
            await self.answer(request, outcome)
            return outcome
        return None


async def wait_for_fetching(ledger: Ledger, pictures: Sequence[Picture]) -> None:
    """Give pictures a short while to be fetched; returns early when it is known how all ended."""
    loop = asyncio.get_running_loop()
    until = loop.time() + FETCHING_WAIT
    with ledger.changed.subscribe() as changes:
        while (left := until - loop.time()) > 0:
            async with ledger.begin() as transaction:
                present = [await transaction.picture(picture.id) for picture in pictures]
            if not any(p is not None and p.state is PictureState.PENDING for p in present):
                return
            await changes.wait(left)


async def picture_of(transaction: Transaction, arrival: Arrival) -> Picture:
    """The picture of a message that may have been seen before; one that was deleted comes again.

    Raises:
        RefusedPicture: it was, and is of no use.
        TooManyPictures: it was not, and there is no room for more of its person's.
    """
    added = await transaction.add_picture(arrival)
    picture = added or await transaction.picture_of_message(
        arrival.place.chat_id, arrival.message_id
    )
    if picture is None:
        raise LookupError(f"message {arrival.message_id} is known, but its picture is not")
    if picture.state is PictureState.GONE:
        return await transaction.revive_picture(picture, arrival)
    if picture.state is PictureState.REFUSED:
        raise RefusedPicture(picture)
    return picture


def on_its_own(part: Arrival) -> Arrival:
    """A picture that is meant by itself, whatever album it belongs to."""
    return replace(part, media_group_id=None)


async def _unanswered(transaction: Transaction, request: Request, own: Arrival) -> Draft | None:
    """The person's draft, if a redelivered picture lies in it and its sender was never answered.

    Any other redelivery has had its effect, and its answer, before.
    """
    draft = await transaction.draft(request.place, request.person.id)
    picture = await transaction.picture_of_message(own.place.chat_id, own.message_id)
    waits = picture is not None and picture.id in draft.picture_ids
    return draft if waits and draft.prompt is None else None
