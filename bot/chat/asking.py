"""Asking for what an order still lacks, and saying why a picture or an order is not taken."""

import asyncio
import logging
from dataclasses import replace

from telegram import ForceReply

from bot.chat import sentences
from bot.chat.drafting import pictures_of
from bot.chat.request import Request
from bot.chat.services import Studio
from bot.chat.speaker import Speaker
from bot.studio.ledger import RefusedFrom
from bot.studio.model import Draft, Picture, PictureState, Place
from bot.words import Words

log = logging.getLogger(__name__)

GLANCE = 0.7
"""Seconds for which an acknowledgement waits for the picture's bytes, in case they are bad."""


class Asking:
    """One message for each thing that people have to know on the way to an order.

    In a group it forces a reply of that one person (ForceReply, selective), because in privacy
    mode nothing else of what they send would arrive.
    """

    def __init__(self, studio: Studio, speaker: Speaker) -> None:
        self._studio = studio
        self._speaker = speaker
        self._glances: set[asyncio.Task[object]] = set()

    async def close(self) -> None:
        """Stop waiting for fetches; the ledger knows what is to be fetched."""
        tasks = list(self._glances)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
        await self._glance([p for p in pictures_of(draft) if p.state is PictureState.PENDING])
        if not await self._stands(draft):
            return  # A picture was refused meanwhile, and `refused` has said so.
        words = self._studio.words(request.person)
        if before:
            text = f"{before} {sentences.instead(words, draft)}"
        elif news or not draft.place.private:
            text = sentences.wanted(words, draft)
        else:
            text = sentences.still_wanted(words, draft)
        await self._prompt(draft, text, request.message_id, words)

    async def refused(self, refusal: RefusedFrom, reason: str) -> None:
        """Tell those who wait for a picture that it cannot be used, and what to send instead.

        Args:
            refusal: where the picture was; an album that is not settled yet says it for itself.
            reason: the stable name of the reason.
        """
        told: set[tuple[Place, int]] = set()
        for order in refusal.orders:
            told.add((order.place, order.user_id))
            await self._tell(order.place, order.user_id, order.language, reason, order.reply_to)
        for draft in refusal.drafts:
            if (draft.place, draft.user_id) not in told:
                answering = refusal.picture.message_id
                await self._tell(draft.place, draft.user_id, draft.language, reason, answering)

    async def say_full(self, request: Request, limit: int) -> None:
        """The person has as many open orders as the host allows."""
        words = self._studio.words(request.person)
        await self._say(request, sentences.full(words, limit, request.place))

    async def say_left_out(self, request: Request, number: int) -> None:
        """Some pictures of an album found no room in the order."""
        words = self._studio.words(request.person)
        await self._say(request, sentences.left_out(words, self._studio.most_styles, number))

    async def say_too_late(self, request: Request) -> None:
        """A part of an album came when the others were an order already."""
        words = self._studio.words(request.person)
        text = words.text("This one came after I had begun with the others, so it is left out.")
        await self._say(request, text)

    async def say_refused(self, request: Request) -> None:
        """The request points at a picture that was found to be unusable before."""
        words = self._studio.words(request.person)
        nothing = Draft(place=request.place, user_id=request.person.id)
        await self._say(request, f"{self.why(words, '')} {sentences.instead(words, nothing)}")

    def why(self, words: Words, reason: str) -> str:
        """Why a picture cannot be used."""
        return sentences.refused(words, reason, file_limit=self._studio.file_limit)

    async def _say(self, request: Request, text: str) -> None:
        await self._speaker.say(request.place, text, answering=request.message_id)

    async def _tell(
        self, place: Place, user_id: int, language: str, reason: str, answering: int
    ) -> None:
        words = self._studio.library.words(language)
        async with self._studio.ledger.begin() as book:
            draft = await book.draft(place, user_id)
        text = f"{self.why(words, reason)} {sentences.instead(words, draft)}"
        await self._prompt(draft, text, answering, words)

    async def _prompt(self, draft: Draft, text: str, answering: int, words: Words) -> None:
        markup = None
        if not draft.place.private:
            hint = sentences.placeholder(words, draft)
            markup = ForceReply(selective=True, input_field_placeholder=hint)
        prompt = await self._speaker.say(draft.place, text, answering=answering, markup=markup)
        if prompt is None:
            return
        async with self._studio.ledger.begin() as book:
            present = await book.draft(draft.place, draft.user_id)
            if pictures_of(present) == () or _ids(present) == _ids(draft):
                await book.save_draft(replace(present, prompt=prompt, language=words.language))

    async def _stands(self, draft: Draft) -> bool:
        async with self._studio.ledger.begin() as book:
            return _ids(await book.draft(draft.place, draft.user_id)) == _ids(draft)

    async def _glance(self, pictures: list[Picture]) -> None:
        tasks = [asyncio.create_task(self._fetch(picture)) for picture in pictures]
        for task in tasks:
            self._glances.add(task)
            task.add_done_callback(self._glanced)
        if tasks:
            await asyncio.wait(tasks, timeout=GLANCE)

    async def _fetch(self, picture: Picture) -> object:
        return await self._studio.fetcher.fetch(picture)

    def _glanced(self, task: asyncio.Task[object]) -> None:
        self._glances.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("A picture could not be fetched yet", exc_info=error)


def _ids(draft: Draft) -> list[int]:
    return [picture.id for picture in pictures_of(draft)]
