"""The whole bot with its updates by webhook, and back to polling."""

import asyncio
import shutil
import socket
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.sandbox import Person, Sandbox
from bot.settings import LEDGER_FILE
from bot.webhook_settings import SECRET_FILE
from bot.words import Library
from tests.bot.chat.conftest import USUAL_SIZES, House, _house, is_painting, picture

LOVELY = "Lovely. Now send the picture whose style you like."


async def test_a_painting_by_webhook_and_the_next_by_polling(
    sandbox: Sandbox, tmp_path: Path, empty_ledger: Path, languages: Library, ada: Person
) -> None:
    await asyncio.to_thread(shutil.copy, empty_ledger, tmp_path / LEDGER_FILE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"

    def house(**settings: str) -> AbstractAsyncContextManager[House]:
        return _house(
            sandbox,
            tmp_path,
            settings,
            library=languages,
            most_styles=1,
            sizes=USUAL_SIZES,
            album_quiet=0.3,
        )

    await ada.send_photo(picture(1))
    async with house(webhook_url=f"http://{address}/telegram", webhook_listen=address) as brought:
        await ada.wait_for(lambda message: message.words == LOVELY)
        await ada.send_photo(picture(2))
        brought.engine.may_finish.set()
        await ada.wait_for(is_painting)
        assert not sandbox.calls("getUpdates")
        secret = await asyncio.to_thread((tmp_path / SECRET_FILE).read_text)
        assert sandbox.world.profile.webhook.secret == secret
    await ada.send_text("/help")
    since = len(sandbox.world.events)
    async with house():
        await ada.wait_for(lambda message: "/cancel" in message.words, since=since)
    assert sandbox.world.profile.webhook.url == ""
    assert sandbox.calls("getUpdates")
