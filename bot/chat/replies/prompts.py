"""Asking for what an order still lacks, and saying why a picture or an order is not taken."""

from dataclasses import dataclass
from functools import partial

from bot.chat.replies import texts
from bot.chat.replies.speaker import Speaker
from bot.chat.requests.request import Request, Unfit
from bot.chat.requests.services import Services
from bot.studio.courier.prompts import describe_refusal, instead, prompt_markup
from bot.studio.ledger.model import Draft
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Prompts:
    """One message for each thing that people have to know on the way to an order."""

    services: Services
    speaker: Speaker

    async def ask(self, request: Request, draft: Draft, *, news: bool = True) -> None:
        """Ask for what the draft lacks, and remember by which message.

        Args:
            request: who is asked.
            draft: what they gave so far, as the ledger has it.
            news: whether it has just grown.
        """
        words = self.services.words(request.person)
        if news or not draft.place.private:
            text = texts.wanted(words, draft)
        else:
            text = texts.still_wanted(words, draft)
        ask = partial(self._ask, request, draft, text, words)
        if draft.place.private and news and self.speaker.said_lately(draft.place, text):
            # Who sends one picture after another knows; who stops there is asked again.
            ask = partial(self.services.ledger.through_outages, ask)
            self.speaker.put_off(draft.place, ask)
        else:
            await ask()

    async def _ask(self, request: Request, draft: Draft, text: str, words: Words) -> None:
        if not await self._stands(draft):
            return  # A picture was refused meanwhile, and the courier says so; or another came.
        prompt = await self.speaker.reply(
            request, text, prompt_markup(draft, words), mention=request.mention
        )
        if prompt is not None:
            async with self.services.ledger.begin() as transaction:
                await transaction.remember_prompt(draft, prompt, language=words.language)

    async def say_full(self, request: Request, limit: int) -> None:
        """The person has as many open orders as the host allows; of many pictures it is said once.

        It tells what to send next, too, so that nothing else needs to ask for it.
        """
        words = self.services.words(request.person)
        if request.place.private:
            self.speaker.drop(request.place)
        await self._say_once(request, texts.full(words, limit, request.place))

    async def say_too_many(self, request: Request) -> None:
        """The person has as many pictures here as one may; of many pictures it is said once."""
        words = self.services.words(request.person)
        text = words.text(
            "I can't take more pictures from you just now. Please send this one again later; "
            "/forget deletes those that I have."
        )
        await self._say_once(request, text)

    async def say_left_out(self, request: Request, number: int) -> None:
        """Some pictures of an album found no room in the order."""
        words = self.services.words(request.person)
        await self.speaker.reply(request, texts.left_out(words, self.services.most_styles, number))

    async def say_too_late(self, request: Request) -> None:
        """A part of an album came when the others were an order already."""
        words = self.services.words(request.person)
        text = words.text("This one came after I had begun with the others, so it is left out.")
        await self.speaker.reply(request, text)

    async def say_only_named(self, request: Request) -> None:
        """One picture of an album was called for by itself; the others are not used."""
        words = self.services.words(request.person)
        text = words.text(
            "Of this album I paint the picture that came with the name; "
            "please send me the others one by one."
        )
        await self.speaker.reply(request, text)

    async def say_refused(self, request: Request) -> None:
        """The request points at a picture that was found to be unusable before."""
        words = self.services.words(request.person)
        nothing = Draft(place=request.place, user_id=request.person.id)
        await self.speaker.reply(
            request, f"{describe_refusal(None, words)} {instead(nothing, words)}"
        )

    async def say_unfit(self, request: Request, unfit: Unfit, draft: Draft | None = None) -> None:
        """What was sent is no picture; `draft` is what they gave so far."""
        given = draft or Draft(place=request.place, user_id=request.person.id)
        words = self.services.words(request.person)
        await self.speaker.reply(request, texts.unfit(words, unfit, given))

    async def _say_once(self, request: Request, text: str) -> None:
        if not (request.place.private and self.speaker.said_lately(request.place, text)):
            await self.speaker.reply(request, text)

    async def _stands(self, draft: Draft) -> bool:
        async with self.services.ledger.begin() as transaction:
            present = await transaction.draft(draft.place, draft.user_id)
        return present.picture_ids == draft.picture_ids
