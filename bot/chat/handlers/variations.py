"""The buttons under a painting, once more, a little different, or as a file; and a card's Swap."""

from dataclasses import dataclass

from bot.chat.ordering.variations import Notice, Variations, gone
from bot.chat.replies.button_answers import answer, remove
from bot.chat.requests.access import may_change
from bot.chat.requests.request import Press
from bot.chat.requests.services import Services
from bot.studio.courier.card_texts import SWAP
from bot.studio.ledger.model import Change
from bot.studio.variations import FILE, VARY

_CHANGES = "|".join(change for change in Change if change is not Change.STYLE)
BUTTON = rf"^{VARY}:(\d{{1,18}}):({_CHANGES})$"
"""The callback data of a button that asks for a change."""
FILE_BUTTON = rf"^{FILE}:(\d{{1,18}})$"
"""The callback data of a File button."""
SWAP_BUTTON = rf"^{SWAP}:(\d{{1,18}})$"
"""The callback data of a card's Swap button."""


@dataclass(frozen=True, slots=True)
class VariationsHandler:
    """Handlers for buttons that make something new of an order."""

    services: Services
    variations: Variations

    async def button(self, press: Press) -> None:
        """Any button that asks for a change (callback data `again:<order id>:<change>`)."""
        order_id, change = int(press.parts[0]), Change(press.parts[1])
        await tell(press, await self.variations.change(press, order_id, change))

    async def file(self, press: Press) -> None:
        """The File button (callback data `file:<order id>`): the painting by sendDocument."""
        await tell(press, await self.variations.file(press, int(press.parts[0])))

    async def swap(self, press: Press) -> None:
        """A Swap button (callback data `swap:<order id>`): photo and style change places."""
        words = self.services.words(press.person)
        async with self.services.ledger.begin() as transaction:
            order = await transaction.order(int(press.parts[0]))
        if order is None:
            notice = Notice(gone(words), alert=True)
            await remove(press)
        elif order.state.final or await may_change(press, order, self.services.access):
            notice = await self.variations.swap(press, order)
        else:
            text = words.text("Only the person who ordered this picture can change it.")
            notice = Notice(text, alert=True)
        await tell(press, notice)


async def tell(press: Press, notice: Notice) -> None:
    """Answer a press with what became of it."""
    await answer(press.query, notice.text, alert=notice.alert)
