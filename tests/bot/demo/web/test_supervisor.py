"""The bot's process and its state, played by a process that logs what the bot logs."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.demo.web import supervisor
from bot.demo.web.supervisor import BotState, Supervisor
from bot.engines import process as engine_process
from bot.sandbox import Sandbox

PLAYED = """
import subprocess, sys, time
print("INFO bot.app: Atelier is at work as @atelier_bot", flush=True)
engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(f"INFO bot: The engine on cpu is up (process {engine.pid})", flush=True)
engine.wait()
print("INFO bot: The engine on cpu is up (process 1)", flush=True)
time.sleep(60)
"""


class Told:
    """Which states were told, in order; wait for one."""

    def __init__(self) -> None:
        self.states: list[BotState] = []
        self.supervisor: Supervisor | None = None
        self._changed = asyncio.Event()

    def __call__(self) -> None:
        assert self.supervisor is not None
        self.states.append(self.supervisor.state)
        self._changed.set()

    async def until(self, state: BotState) -> None:
        async with asyncio.timeout(30):
            while self.states[-1:] != [state]:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def played(
    told: Told, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Supervisor:
    async def begin(_sandbox: Sandbox, _folder: Path, output: int, **_: str) -> Any:  # noqa: ANN401
        return await asyncio.create_subprocess_exec(sys.executable, "-c", PLAYED, stdout=output)

    monkeypatch.setattr(supervisor, "begin", begin)
    told.supervisor = Supervisor(sandbox, tmp_path, tmp_path / "bot.log", {}, told)
    return told.supervisor


async def test_what_it_logs_says_how_it_is(played: Supervisor, told: Told, tmp_path: Path) -> None:
    await played.start()
    await told.until(BotState.READY)
    assert told.states == [BotState.STARTING, BotState.WARMING, BotState.READY]
    assert played.kill_engine()
    assert not played.kill_engine()
    await told.until(BotState.READY)
    assert told.states[-2] is BotState.ENGINELESS
    await played.end()
    assert told.states[-1] is BotState.ABSENT
    assert (tmp_path / "bot.log").read_text().startswith("INFO bot.app: Atelier is at work")


async def test_it_can_be_killed_and_started_again(played: Supervisor, told: Told) -> None:
    await played.start()
    await told.until(BotState.READY)
    await played.kill()
    await told.until(BotState.ABSENT)
    assert not played.kill_engine()
    await asyncio.gather(played.start(), played.start())
    await told.until(BotState.READY)
    assert told.states.count(BotState.STARTING) == 2
    assert played.kill_engine()
    await played.end()


def test_these_are_the_words_of_the_bots_own_log() -> None:
    code = Path(engine_process.__file__).read_text(encoding="utf-8")
    assert '"The engine on %s is up (process %d)"' in code
    app = Path(engine_process.__file__).parents[1] / "app.py"
    assert '"Atelier is at work as @%s"' in app.read_text(encoding="utf-8")
