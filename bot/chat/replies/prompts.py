"""Asking for what an order still lacks, and saying why a picture or an order is not taken."""

from dataclasses import replace
from typing import Final

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.replies import texts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Mention, Request, Unfit
from bot.chat.requests.services import Services
from bot.studio.ledger.model import Draft, Picture
from bot.studio.ledger.results import RefusedFrom
from bot.studio.pictures.fetcher import Refusal
from bot.studio.variations import STYLES
from bot.telegram.client import Keyboard
from bot.telegram.place import Place
from bot.words import Words

NO_ORDER: Final = 0
"""Stands in callback data where a gallery is opened for no painting in particular."""


class Prompts:
    """One message for each thing that people have to know on the way to an order.

    In a group it forces a reply of that one person (ForceReply, selective), because in privacy
    mode nothing else of what they send would arrive.
    """

    def __init__(self, services: Services, speaker: Speaker) -> None:
        self._services = services
        self._speaker = speaker

    async def ask(
        self, request: Request, draft: Draft, *, news: bool = True, before: str = ""
    ) -> None:
        """Ask for what the draft lacks, and remember by which message.

        Args:
            request: who is asked.
            draft: what they gave so far, as the ledger has it.
            news: whether it has just grown.
            before: a sentence to begin with.
        """
        if not await self._stands(draft):
            return  # A picture was refused meanwhile, and `refused` has said so.
        words = self._services.words(request.person)
        if before:
            text = f"{before} {texts.instead(words, draft)}"
        elif news or not draft.place.private:
            text = texts.wanted(words, draft)
        else:
            text = texts.still_wanted(words, draft)
        await self._prompt(draft, text, request.message_id, words, request.mention)

    async def refused(self, picture: Picture, refusal: Refusal, where: RefusedFrom) -> None:
        """Tell those who wait for a picture that it cannot be used, and what to send instead.

        Args:
            picture: the picture.
            refusal: why.
            where: what it was taken from; nothing, while its album is not settled yet.
        """
        told: set[tuple[Place, int]] = set()
        for order in where.orders:
            told.add((order.place, order.user_id))
            await self._tell(order.place, order.user_id, order.language, refusal, order.reply_to)
        for draft in where.drafts:
            if (draft.place, draft.user_id) not in told:
                answering = abs(picture.message_id)
                await self._tell(draft.place, draft.user_id, draft.language, refusal, answering)
        for style in where.styles:
            words = self._services.library.words(style.language)
            lost = words.text("So there is no style “{name}”.", name=style.title)
            text = f"{texts.refused(words, refusal)} {lost}"
            await self._speaker.say(picture.place, text, answering=abs(picture.message_id))

    async def say_full(self, request: Request, limit: int) -> None:
        """The person has as many open orders as the host allows."""
        words = self._services.words(request.person)
        await self._say(request, texts.full(words, limit, request.place))

    async def say_left_out(self, request: Request, number: int) -> None:
        """Some pictures of an album found no room in the order."""
        words = self._services.words(request.person)
        await self._say(request, texts.left_out(words, self._services.most_styles, number))

    async def say_too_late(self, request: Request) -> None:
        """A part of an album came when the others were an order already."""
        words = self._services.words(request.person)
        text = words.text("This one came after I had begun with the others, so it is left out.")
        await self._say(request, text)

    async def say_only_named(self, request: Request) -> None:
        """One picture of an album was called for by itself; the others are not used."""
        words = self._services.words(request.person)
        text = words.text(
            "Of this album I paint the picture that came with the name; "
            "please send me the others one by one."
        )
        await self._say(request, text)

    async def say_refused(self, request: Request) -> None:
        """The request points at a picture that was found to be unusable before."""
        words = self._services.words(request.person)
        nothing = Draft(place=request.place, user_id=request.person.id)
        await self._say(request, f"{texts.refused(words, None)} {texts.instead(words, nothing)}")

    async def say_unfit(self, request: Request, unfit: Unfit, draft: Draft | None = None) -> None:
        """What was sent is no picture; `draft` is what they gave so far."""
        given = draft or Draft(place=request.place, user_id=request.person.id)
        words, limit = self._services.words(request.person), self._services.file_limit
        await self._say(request, texts.unfit(words, unfit, given, file_limit=limit))

    async def _say(self, request: Request, text: str) -> None:
        await self._speaker.say(request.place, text, answering=request.message_id)

    async def _tell(
        self, place: Place, user_id: int, language: str, refusal: Refusal, answering: int
    ) -> None:
        words = self._services.library.words(language)
        async with self._services.ledger.begin() as transaction:
            draft = await transaction.draft(place, user_id)
        text = f"{texts.refused(words, refusal)} {texts.instead(words, draft)}"
        await self._prompt(draft, text, answering, words)

    async def _prompt(
        self,
        draft: Draft,
        text: str,
        answering: int,
        words: Words,
        mention: Mention | None = None,
    ) -> None:
        markup: Keyboard | None = None
        if not draft.place.private:
            hint = texts.placeholder(words, draft)
            markup = ForceReply(selective=True, input_field_placeholder=hint)
        elif draft.content is not None and not draft.styles:
            markup = opening_keyboard(words)
        prompt = await self._speaker.say(
            draft.place, text, answering=answering, markup=markup, mention=mention
        )
        if prompt is None or (draft.place.private and not _ids(draft)):
            return
        async with self._services.ledger.begin() as transaction:
            present = await transaction.draft(draft.place, draft.user_id)
            if not _ids(present) or _ids(present) == _ids(draft):
                await transaction.save_draft(
                    replace(present, prompt=prompt, language=words.language)
                )

    async def _stands(self, draft: Draft) -> bool:
        async with self._services.ledger.begin() as transaction:
            return _ids(await transaction.draft(draft.place, draft.user_id)) == _ids(draft)


def opening_keyboard(words: Words) -> InlineKeyboardMarkup:
    """One button that opens the gallery."""
    button = InlineKeyboardButton(
        words.text("Show me your styles"), callback_data=f"{STYLES}:{NO_ORDER}"
    )
    return InlineKeyboardMarkup([[button]])


def _ids(draft: Draft) -> list[int]:
    held = (draft.content, *draft.styles)
    return [picture.id for picture in held if picture is not None]
