"""The bot of a campaign: the real one, in a process of its own, in a hurry.

It is wired by `bot.app` like any other. Only its engine's child paints nothing worth looking at,
and it waits less long for what does not come: time is what a campaign has least of.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from sys import executable
from types import ModuleType
from typing import Final

from bot import app, logs
from bot.chat.ordering import ordering
from bot.chat.replies import speaker
from bot.engines.devices import Device
from bot.engines.process import Patience, ProcessEngine
from bot.instance import sole_user
from bot.settings import Settings
from bot.studio.courier import chat_cards, courier, outbox
from bot.studio.ledger import ledger
from bot.studio.pictures import fetcher, files
from bot.studio.variations import Sizes
from bot.telegram import application, client, downloads, polling
from bot.telegram.backoff import Backoff
from bot.telegram.rate_limits import Limits

CALL_SECONDS: Final = 2.5
"""How long the bot waits for an answer of Telegram's."""

CONTEXT: Final = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])

_NO_LIMITS: Final = Limits(chat=(10_000, 1.0), group=(10_000, 1.0), overall=(10_000, 1.0))
_TIMINGS: Final = app.Timings(
    private_edits=0.1, group_edits=0.1, album_quiet=0.2, limits=_NO_LIMITS
)
_PATIENCE: Final = Patience(start=30.0, sign=1.0, stop=0.8)
_SOON: Final = Backoff(first=0.05, longest=0.4)
_HURRY: Final[tuple[tuple[ModuleType, str, object], ...]] = (
    (application, "BACKOFF", _SOON),
    (application, "CALL_SECONDS", CALL_SECONDS),
    (chat_cards, "BACKOFF", _SOON),
    (client, "TRANSFER_SECONDS", CALL_SECONDS),
    (courier, "_RECOVERY_SECONDS", 0.3),
    (downloads, "TRANSFER_SECONDS", CALL_SECONDS),
    (fetcher, "BACKOFF", _SOON),
    (fetcher, "_LOOK_INTERVAL", 0.5),
    (files, "BACKOFF", _SOON),
    (ledger, "BACKOFF", _SOON),
    (ordering, "FETCHING_WAIT", 0.2),
    (outbox, "BACKOFF", _SOON),
    (polling, "BACKOFF", _SOON),
    (polling, "_CONFLICT_DELAY", 0.2),
    (speaker, "PAUSE", 0.3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the bot is set up: `settings` by the names of their fields, and the file of its log."""

    settings: Mapping[str, object]
    log: Path


def start(setup: Setup) -> ForkServerProcess:
    """Start a bot; it is forked from a process that has imported everything."""
    process = CONTEXT.Process(target=_live, args=(setup,), daemon=True)
    process.start()
    return process


def _live(setup: Setup) -> None:
    with setup.log.open("ab") as lines:
        for output in (1, 2):
            os.dup2(lines.fileno(), output)
    for module, name, value in _HURRY:
        # Whoever renames one of them shall hear of it.
        getattr(module, name)
        setattr(module, name, value)
    settings = Settings.model_validate(dict(setup.settings))
    logs.configure(settings)
    command = (executable, "-m", "tests.campaign.painting_child")
    pool = app.EnginePool(
        engines=[ProcessEngine(Device(), command=command, patience=_PATIENCE, preview_every=0.1)],
        sizes=Sizes(),
    )
    with sole_user(settings.data_dir):
        asyncio.run(_serve(settings, pool))


async def _serve(settings: Settings, pool: app.EnginePool) -> None:
    async def nothing(self: app.App) -> None:
        """Menus and profile have tests of their own, and would be most of what the bot says."""

    app.App.publish = nothing  # type: ignore[method-assign]
    await app.serve(settings, pool, timings=_TIMINGS)
