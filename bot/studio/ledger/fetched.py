"""What follows in the ledger when a picture's bytes have been fetched, or cannot be used."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from sqlalchemy import or_, select, update

from bot.studio.ledger.drafts import DraftRepository, without
from bot.studio.ledger.model import (
    DeliveryKind,
    Draft,
    Notice,
    Order,
    OrderState,
    PictureState,
    Refusal,
)
from bot.studio.ledger.orders import OrderRepository
from bot.studio.ledger.styles import StyleRepository
from bot.studio.ledger.tables import order_styles, orders, pictures
from bot.telegram.place import Place

DECODINGS: Final = 2
"""How often a picture may be the death of whoever decodes it."""


class FetchedPictureRepository(DraftRepository, OrderRepository, StyleRepository):
    """The end of a picture's fetching, for drafts and orders."""

    async def begin_decoding(self, id: int) -> bool:  # noqa: A002
        """Count an attempt to decode a PENDING picture, before it is made.

        Returns:
            False when it must not be made: `DECODINGS` have begun, and none of them ended.
        """
        statement = (
            update(pictures)
            .where(
                pictures.c.id == id,
                pictures.c.state == PictureState.PENDING,
                pictures.c.decodings < DECODINGS,
            )
            .values(decodings=pictures.c.decodings + 1)
        )
        return await self._write(statement) > 0

    async def end_decoding(self, id: int) -> None:  # noqa: A002
        """Write down that a picture was decoded and nobody died of it."""
        await self._change_pending(id, decodings=0)

    async def picture_ready(
        self,
        id: int,  # noqa: A002 - the contract's name
        *,
        path: str,
        width: int,
        height: int,
        size: int | None = None,
    ) -> list[Order]:
        """Write down where a fetched picture lies and its size in pixels: PENDING to READY.

        `size` is that of its file in bytes, if it is to count instead of what was announced.
        Nothing happens to a picture that is READY or REFUSED already.

        Returns:
            The orders that became QUEUED by it.
        """
        values = {"path": path, "width": width, "height": height}
        if size is not None:
            values["size"] = size
        if not await self._change_pending(id, state=PictureState.READY, **values):
            return []
        complete = [
            order.id
            for order in await self._preparing_with(id)
            if all(p.state is PictureState.READY for p in (order.content, *order.styles))
        ]
        await self._change(orders.c.id.in_(complete), state=OrderState.QUEUED)
        return await self._orders(orders.c.id.in_(complete))

    async def picture_refused(self, id: int, refusal: Refusal) -> None:  # noqa: A002
        """Give up a picture that cannot be used: PENDING to REFUSED, and the news of it out.

        It leaves the drafts it was in, and is no saved style any more. An order that it was to
        be part of is CANCELLED, and the order's other pictures go back to the person's draft,
        unless a new one has been begun. Everybody who waited for it is told once in each place,
        and of each lost style. Nothing happens to a picture that is not PENDING any more.
        """
        if not await self._change_pending(id, state=PictureState.REFUSED, reason=refusal.name):
            return
        picture = (await self._pictures([id]))[id]
        refusal = replace(refusal, facts={**refusal.facts, "kind": picture.kind})
        notices: dict[tuple[Place, int], tuple[Notice, int]] = {}
        for draft in await self._drafts_with(id):
            await self.save_draft(without(draft, id))
            notice = Notice(
                place=draft.place, user_id=draft.user_id, language=draft.language, refusal=refusal
            )
            notices[draft.place, draft.user_id] = notice, abs(picture.message_id)
        for order in await self._preparing_with(id):
            await self.cancel(order.id, asked_by=f"picture {id}")
            await self._give_back(order, but=id)
            notice = Notice(
                place=order.place, user_id=order.user_id, language=order.language, refusal=refusal
            )
            notices[order.place, order.user_id] = notice, order.reply_to
        for notice, reply_to in notices.values():
            await self._notify(DeliveryKind.REFUSAL, notice, reply_to=reply_to)
        for style in await self._drop_styles_of(id):
            notice = Notice(
                place=picture.place,
                user_id=style.user_id,
                language=style.language,
                refusal=refusal,
                style=style.title,
            )
            await self._notify(DeliveryKind.REFUSAL, notice, reply_to=abs(picture.message_id))

    async def tell_refusal(self, notice: Notice, *, reply_to: int) -> None:
        """Put the news out of pictures that were refused before anybody was there to be told."""
        await self._notify(DeliveryKind.REFUSAL, notice, reply_to=reply_to)

    async def disk_is_full(self, ids: Collection[int], *, told: Collection[int]) -> frozenset[int]:
        """Put the news out that there is no room for some pictures yet; they stay PENDING.

        Everybody who waits for one is told once, but for the users who have been told before.

        Returns:
            The users who are told now.
        """
        waiting: dict[int, tuple[Draft | Order, int]] = {}
        for picture in (await self._pictures(ids)).values():
            for draft in await self._drafts_with(picture.id):
                waiting[draft.user_id] = draft, abs(picture.message_id)
            for order in await self._preparing_with(picture.id):
                waiting[order.user_id] = order, order.reply_to
        news = waiting.keys() - set(told)
        for user_id in news:
            about, reply_to = waiting[user_id]
            notice = Notice(place=about.place, user_id=user_id, language=about.language)
            await self._notify(DeliveryKind.DISK_FULL, notice, reply_to=reply_to)
        return frozenset(news)

    async def _give_back(self, order: Order, *, but: int) -> None:
        """Make a draft of an order's other pictures, unless a new one has been begun."""
        begun = await self.draft(order.place, order.user_id)
        if begun.content is None and not begun.styles:
            rest = replace(
                begun, content=order.content, styles=order.styles, language=order.language
            )
            await self.save_draft(without(rest, but))

    async def _change_pending(self, picture_id: int, **values: object) -> bool:
        statement = (
            update(pictures)
            .where(pictures.c.id == picture_id, pictures.c.state == PictureState.PENDING)
            .values(**values)
        )
        return await self._write(statement) > 0

    async def _preparing_with(self, picture_id: int) -> list[Order]:
        as_style = select(order_styles.c.order_id).where(order_styles.c.picture_id == picture_id)
        return await self._orders(
            orders.c.state == OrderState.PREPARING,
            or_(orders.c.content_id == picture_id, orders.c.id.in_(as_style)),
        )
