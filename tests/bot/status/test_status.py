"""The pages for who looks after the bot, over HTTP."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.health import Sign, State
from bot.sandbox import Sandbox, faults
from bot.settings import LEDGER_FILE
from bot.status import readiness
from bot.status.status import Status
from tests.bot.chat.conftest import picture
from tests.bot.outages import locked
from tests.bot.status.conftest import ANYWHERE, Page, SlowEngine, Watched, get

AT_WORK = "The bot is at work."

Figures = dict[tuple[str, ...], float]


def values(page: Page) -> Figures:
    """Each sample of a page, by its name and the values of its labels in their names' order."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


async def figures_when(watched: Watched, true: Callable[[Figures], bool]) -> Figures:
    """The figures as soon as they are so."""
    with watched.app.ledger.changed.subscribe() as changes:
        async with asyncio.timeout(30):
            while not true(figures := values(await watched.page("/metrics"))):
                await changes.wait(0.1)
    return figures


async def test_a_bot_that_starts_lives_and_is_not_ready(tmp_path: Path) -> None:
    sign = Sign(tmp_path)
    async with Status(sign, tmp_path).serving(ANYWHERE) as port:
        assert port is not None
        assert (await get(port, "/healthz")).status == 200
        assert (await get(port, "/readyz")).text == "The bot is starting.\n"
        sign.interrupt(State.WAITING_FOR_DATABASE)
        page = await get(port, "/readyz")
        assert (page.status, page.text) == (503, "The bot waits for its database.\n")
        figures = values(await get(port, "/metrics"))
        assert [figures["atelier_ready", part] for part in ("ledger", "telegram", "engine")] == [
            0
        ] * 3
        assert (await get(port, "/")).status == 404
        assert "Server" not in page.headers


async def test_it_is_ready_once_an_engine_is_up(watched: Watched, engine: SlowEngine) -> None:
    watched.begin_to_watch()
    assert (await watched.until_it_says("The bot waits for an engine.")).status == 503
    engine.may_start.set()
    assert (await watched.until_it_says(AT_WORK)).status == 200


async def test_it_says_what_it_waits_for(
    watched: Watched, engine: SlowEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PROBE_SECONDS", 0.2)
    engine.may_start.set()
    watched.begin_to_watch()
    await watched.until_it_says(AT_WORK)
    await watched.sandbox.stop()
    assert (await watched.until_it_says("The bot waits for Telegram.")).status == 503
    async with locked(tmp_path / LEDGER_FILE):
        await watched.until_it_says(
            "The bot waits for its database.", "The bot waits for Telegram."
        )
        figures = values(await watched.page("/metrics"))
        assert figures["atelier_ready", "ledger"] == figures["atelier_ready", "telegram"] == 0
        assert figures["atelier_ready", "engine"] == 1
        assert math.isnan(figures["atelier_queue_length",])
        assert not [name for name, *_ in figures if name == "atelier_orders"]
    await watched.sandbox.start()
    assert (await watched.until_it_says(AT_WORK)).status == 200


async def test_the_figures_follow_an_order_and_tell_of_nobody(
    watched: Watched, engine: SlowEngine, sandbox: Sandbox
) -> None:
    ada = sandbox.person("Ada Lovelace", username="countess")
    engine.may_start.set()
    watched.begin_to_watch()
    await watched.until_it_says(AT_WORK)
    sandbox.faults.add("send*", faults.retry_after(1))
    for seed in (1, 3):
        await ada.send_album([picture(seed), picture(seed + 1)])
    before = await figures_when(
        watched,
        lambda figures: (
            figures["atelier_orders", "running"] == figures["atelier_orders", "queued"] == 1
        ),
    )
    assert before["atelier_queue_length",] == 1
    assert before["atelier_oldest_waiting_order_seconds",] > 0
    assert before["atelier_engines", "held", "painting"] == 1
    assert before["atelier_engines", "held", "idle"] == 0
    assert before["atelier_orders_ended_total", "done"] == 0
    engine.may_finish.set()
    after = await figures_when(
        watched, lambda figures: figures["atelier_orders_ended_total", "done"] == 2
    )
    assert after["atelier_order_wait_seconds_count",] == 2
    assert after["atelier_order_paint_seconds_count",] == 2
    assert after["atelier_oldest_waiting_order_seconds",] == 0
    assert after["atelier_queue_length",] == 0
    await figures_when(watched, lambda figures: figures["atelier_outbox_entries",] == 0)
    await figures_when(
        watched, lambda figures: figures["atelier_event_loop_lag_seconds_count",] > 0
    )
    requests = "atelier_telegram_requests_total"
    assert sum(after[name] for name in after if name[:2] == (requests, "429")) == 1
    assert after[requests, "200", "download"] == 4
    assert after[requests, "200", "getUpdates"] > 0
    assert 0 < after["atelier_disk_free_bytes",] < after["atelier_disk_size_bytes",]
    secret = sandbox.token.partition(":")[2]
    page = await watched.page("/metrics")
    for private in (secret, str(ada.id), "Ada", "countess", sandbox.token.partition(":")[0]):
        assert private not in page.text
