"""What the running bot tells Telegram of itself at its start."""

from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.telegram.profile import MEMORY
from tests.e2e.conftest import PATIENCE, QUICK
from tests.e2e.running import running, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def setters(sandbox: Sandbox, since: int = 0) -> list[str]:
    methods = [call.method for call in sandbox.calls(since=since)]
    return [method for method in methods if method.startswith("setMy")]


async def test_it_is_published_beside_the_work_and_only_once(folder: Path) -> None:
    async with Sandbox() as sandbox, running(sandbox, folder, **QUICK) as bot:
        ada = sandbox.person("Ada", language="de")
        await ada.send_text("/start")
        await ada.wait_for(lambda message: "Willkommen" in message.words, timeout=PATIENCE)
        profile = sandbox.world.profile
        await until(lambda: len(profile.names) == 5)
        assert len(profile.descriptions) == len(profile.short_descriptions) == 12
        private = {"type": "all_private_chats"}
        german, english = profile.commands_for(private, "de"), profile.commands_for(private)
        assert [one["command"] for one in german] == [one["command"] for one in english]
        assert {one["description"] for one in german}.isdisjoint(
            one["description"] for one in english
        )
        assert profile.commands_for(private, "zh")

        # Written at the very end of publishing.
        memory = bot.data_dir / MEMORY
        await until(memory.exists)
        await bot.kill()
        since, written = len(sandbox.log), memory.stat().st_mtime_ns
        await bot.start()
        await until(lambda: memory.stat().st_mtime_ns != written)
        assert len(sandbox.calls("getMyName", since=since)) == 12
        assert setters(sandbox, since) == []
