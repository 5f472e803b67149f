"""What follows in the ledger when a picture's bytes have been fetched, or cannot be used."""

from dataclasses import replace

from sqlalchemy import or_, select, update

from bot.studio.ledger.drafts import DraftRepository, without
from bot.studio.ledger.model import Draft, Order, OrderState, PictureState
from bot.studio.ledger.orders import OrderRepository
from bot.studio.ledger.results import LedgerError, RefusedFrom
from bot.studio.ledger.styles import StyleRepository
from bot.studio.ledger.tables import order_styles, orders, pictures


class FetchedPictureRepository(DraftRepository, OrderRepository, StyleRepository):
    """The end of a picture's fetching, for drafts and orders."""

    async def picture_ready(
        self,
        id: int,  # noqa: A002 - the contract's name
        *,
        path: str,
        width: int,
        height: int,
    ) -> list[Order]:
        """Write down where a fetched picture lies and its size in pixels: PENDING to READY.

        Nothing happens to a picture that is READY or REFUSED already.

        Returns:
            The orders that became QUEUED by it.
        """
        if not await self._leave_pending(
            id, state=PictureState.READY, path=path, width=width, height=height
        ):
            return []
        complete = [
            order.id
            for order in await self._preparing_with(id)
            if all(p.state is PictureState.READY for p in (order.content, *order.styles))
        ]
        await self._change(orders.c.id.in_(complete), state=OrderState.QUEUED)
        return await self._orders(orders.c.id.in_(complete))

    async def picture_refused(self, id: int, *, reason: str) -> RefusedFrom:  # noqa: A002
        """Give up a picture that cannot be used: PENDING to REFUSED, with the reason's name.

        It leaves the drafts it was in, and is no saved style any more. An order that it was to
        be part of is CANCELLED, and the order's other pictures go back to the person's draft,
        unless a new one has been begun.

        Raises:
            LedgerError: no such picture.
        """
        refused = await self._leave_pending(id, state=PictureState.REFUSED, reason=reason)
        picture = await self.picture(id)
        if picture is None:
            raise LedgerError(f"there is no picture {id}")
        if not refused:
            return RefusedFrom(picture=picture)
        changed: list[Draft] = []
        for draft in await self._drafts_with(id):
            changed.append(without(draft, id))
            await self.save_draft(changed[-1])
        cancelled: list[Order] = []
        for order in await self._preparing_with(id):
            await self.cancel(order.id)
            cancelled.append(await self._the(order.id))
            begun = await self.draft(order.place, order.user_id)
            if begun.content is None and not begun.styles:
                rest = replace(
                    begun, content=order.content, styles=order.styles, language=order.language
                )
                changed.append(without(rest, id))
                await self.save_draft(changed[-1])
        return RefusedFrom(
            picture=picture,
            drafts=tuple(changed),
            orders=tuple(cancelled),
            styles=tuple(await self._drop_styles_of(id)),
        )

    async def _leave_pending(self, picture_id: int, **values: object) -> bool:
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
