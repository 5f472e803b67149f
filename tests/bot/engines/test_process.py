"""The engine over a child that fails in every way; the real child is in test_real_engine."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.engines.devices import Device
from bot.engines.process import Patience, ProcessEngine
from bot.engines.protocol import EngineDied, Finished, Job, JobRefused, Progress

ROOT = Path(__file__).parents[3]
FAULTY = Path(__file__).with_name("faulty_child.py")
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-"
JOB = Job(order_id=7, epoch=3, content=b"content", styles=(b"style",), size=64)


@contextlib.asynccontextmanager
async def engine(
    mode: str,
    *,
    once: Path | None = None,
    start: float = 60.0,
    sign: float = 60.0,
    stop: float = 60.0,
) -> AsyncIterator[ProcessEngine]:
    command = [sys.executable, str(FAULTY), mode, *([f"--once={once}"] if once else [])]
    engine = ProcessEngine(
        Device(),
        command=command,
        patience=Patience(start=start, sign=sign, stop=stop),
    )
    try:
        yield engine
    finally:
        pids = child_pids()
        await engine.close()
        assert not [pid for pid in pids if alive(pid)]


def child_pids() -> list[int]:
    """Process ids of this process's faulty children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            if int(parent) == os.getpid() and FAULTY.name in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (another process's doing)
            await asyncio.sleep(0.02)


async def paint(engine: ProcessEngine, job: Job = JOB) -> list[Progress | Finished]:
    async with contextlib.aclosing(engine.paint(job)) as messages:
        return [message async for message in messages]


async def test_one_child_serves_many_jobs() -> None:
    async with engine("well") as well:
        await well.start()
        pid = well.pid
        for size in (64, 100):
            job = Job(order_id=1, epoch=1, content=b"", styles=(b"",), size=size)
            last = (await paint(well, job))[-1]
            assert isinstance(last, Finished)
            assert last.width == size
        await well.start()
        assert well.pid == pid


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("exit", "ended with exit code 3"),
        ("explode", "ended with exit code"),
        ("garble", "spoke nonsense"),
        ("oversize", "spoke nonsense"),
        ("cut", "ended with exit code 0"),
    ],
)
async def test_a_child_that_fails_is_replaced_and_the_next_attempt_succeeds(
    mode: str, says: str, tmp_path: Path
) -> None:
    async with engine(mode, once=tmp_path / "once") as faulty:
        with pytest.raises(EngineDied, match=says):
            await paint(faulty)
        assert isinstance((await paint(faulty))[-1], Finished)


async def test_a_hung_child_is_noticed_killed_and_replaced(tmp_path: Path) -> None:
    async with engine("hang", once=tmp_path / "once", sign=0.5) as hung:
        await hung.start()
        pid = hung.pid
        assert pid
        with pytest.raises(EngineDied, match=r"gave no sign for 0\.5 seconds"):
            await paint(hung)
        assert not alive(pid)
        assert isinstance((await paint(hung))[-1], Finished)


def test_patience_grows_with_the_area() -> None:
    patience = Patience(sign=10)
    assert patience.for_sign(64) == patience.for_sign(1024) == 10
    assert patience.for_sign(4096) == 160


async def test_kill_nine_is_noticed_at_once_and_the_engine_replaces_the_child() -> None:
    async with engine("well") as well:
        messages = well.paint(JOB)
        await anext(messages)
        first = well.pid
        assert first
        os.kill(first, signal.SIGKILL)
        with pytest.raises(EngineDied, match="SIGKILL"):
            async for _ in messages:
                pass
        await until(lambda: well.pid is not None)  # without being asked
        assert well.pid != first
        assert isinstance((await paint(well))[-1], Finished)


async def test_a_child_that_dies_idle_is_replaced_at_the_next_start() -> None:
    async with engine("well") as well:
        await well.start()
        first = well.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: well.pid is None)
        await well.start()
        assert well.pid not in {None, first}


async def test_closing_the_generator_stops_the_work_and_keeps_the_child() -> None:
    async with engine("well") as well:
        messages = well.paint(JOB)
        await anext(messages)
        pid = well.pid
        await messages.aclose()
        assert well.pid == pid
        assert isinstance((await paint(well))[-1], Finished)
        assert well.pid == pid


async def test_cancelling_the_consumer_stops_the_work_too() -> None:
    async with engine("well") as well:
        started = asyncio.Event()

        async def consume() -> None:
            async with contextlib.aclosing(well.paint(JOB)) as messages:
                async for _ in messages:
                    started.set()

        task = asyncio.create_task(consume())
        await started.wait()
        pid = well.pid
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance((await paint(well))[-1], Finished)
        assert well.pid == pid


async def test_a_child_that_does_not_stop_is_killed_and_replaced(tmp_path: Path) -> None:
    async with engine("hang", once=tmp_path / "once", stop=0.3) as hung:
        messages = hung.paint(JOB)
        await anext(messages)
        first = hung.pid
        assert first
        await messages.aclose()
        assert not alive(first)
        await until(lambda: hung.pid is not None)
        assert isinstance((await paint(hung))[-1], Finished)


async def test_being_cancelled_twice_leaves_the_engine_usable(tmp_path: Path) -> None:
    async with engine("hang", once=tmp_path / "once", stop=0.5) as hung:
        started = asyncio.Event()

        async def consume() -> None:
            async with contextlib.aclosing(hung.paint(JOB)) as messages:
                async for _ in messages:
                    started.set()

        task = asyncio.create_task(consume())
        await started.wait()
        task.cancel()
        await asyncio.sleep(0.1)  # it now waits for the child to stop
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance((await paint(hung))[-1], Finished)


async def test_too_many_pictures_are_refused_without_harm() -> None:
    async with engine("well") as well:
        job = Job(order_id=1, epoch=1, content=b"", styles=(b"",) * 40, size=64)
        with pytest.raises(JobRefused):
            await paint(well, job)
        assert isinstance((await paint(well))[-1], Finished)


async def test_what_belongs_to_another_attempt_is_dropped() -> None:
    async with engine("stale") as stale:
        messages = await paint(stale)
        assert len([one for one in messages if isinstance(one, Finished)]) == 1


async def test_progress_that_nobody_takes_is_coalesced_but_keeps_its_preview() -> None:
    async with engine("flood") as flooding:
        messages = flooding.paint(JOB)
        taken = [await anext(messages)]
        await asyncio.sleep(0.5)
        taken += [message async for message in messages]
        assert isinstance(taken.pop(), Finished)
        steps = [message for message in taken if isinstance(message, Progress)]
        assert 1 <= len(steps) < 10
        assert steps[-1].iteration == 40
        assert any(step.preview == b"early" for step in steps)


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("silent", r"was not up after 1 seconds"),
        ("unfit", "cannot start: the weights are not there"),
        ("stillborn", "ended with exit code 1"),
        ("rude", "did not introduce itself"),
    ],
)
async def test_an_engine_that_does_not_come_up_says_why(
    mode: str, says: str, tmp_path: Path
) -> None:
    start = 1.0 if mode == "silent" else 60.0
    async with engine(mode, once=tmp_path / "once", start=start) as faulty:
        with pytest.raises(EngineDied, match=says):
            await faulty.start()
        assert faulty.pid is None


async def test_a_program_that_is_not_there_is_an_engine_that_died() -> None:
    missing = ProcessEngine(Device(), command=["/nowhere/python"])
    with pytest.raises(EngineDied, match="could not be started"):
        await missing.start()
    await missing.close()


async def test_a_closed_engine_paints_no_more() -> None:
    async with engine("well") as well:
        messages = well.paint(JOB)
        await anext(messages)
        pid = well.pid
        assert pid
        await well.close()
        assert not alive(pid)
        with pytest.raises(EngineDied):
            async for _ in messages:
                pass
        with pytest.raises(EngineDied, match="closed"):
            await well.start()


async def test_closing_while_it_comes_up_leaves_no_process() -> None:
    async with engine("silent") as silent:
        start = asyncio.create_task(silent.start())
        await until(lambda: bool(child_pids()))
        await silent.close()
        with pytest.raises((EngineDied, asyncio.CancelledError)):
            await start
        assert not child_pids()


async def test_a_waiter_that_gives_up_does_not_end_the_start_for_others() -> None:
    async with engine("well") as well:
        start = asyncio.create_task(well.start())
        await until(lambda: bool(child_pids()))
        start.cancel()
        await well.start()
        assert len(child_pids()) == 1


async def test_two_jobs_at_once_are_a_mistake() -> None:
    async with engine("well") as well:
        messages = well.paint(JOB)
        await anext(messages)
        with pytest.raises(RuntimeError, match="one job at a time"):
            await anext(well.paint(JOB))
        await messages.aclose()


async def test_output_becomes_log_lines_and_secrets_stay_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/atelier")
    monkeypatch.setenv("CURL_ARGUMENTS", f"https://api.telegram.org/bot{TOKEN}/getMe")
    caplog.set_level(logging.DEBUG)
    async with engine("chatter") as chatting:
        assert isinstance((await paint(chatting))[-1], Finished)
    seen = {
        record.getMessage().split(": ", 1)[1]
        for record in caplog.records
        if ": " in record.getMessage()
    }
    assert "a log line" in seen
    assert "CUDA_VISIBLE_DEVICES=-1" in seen
    assert "TF_FORCE_GPU_ALLOW_GROWTH=true" in seen
    assert sum(line.count("x") for line in seen if set(line) == {"x"}) == 10_000
    assert "hunter2" not in caplog.text
    assert TOKEN not in caplog.text
    assert "TELEGRAM_BOT_TOKEN" not in caplog.text


async def test_the_last_words_of_a_child_that_died_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with engine("exit") as faulty:
        with pytest.raises(EngineDied):
            await paint(faulty)
    assert "I have had enough" in caplog.text


async def test_a_bot_that_is_killed_leaves_no_child() -> None:
    program = (
        "import asyncio, sys\n"
        "from bot.engines.devices import Device\n"
        "from bot.engines.process import ProcessEngine\n"
        "async def main():\n"
        f"    engine = ProcessEngine(Device(), command=[sys.executable, {str(FAULTY)!r}, 'well'])\n"
        "    await engine.start()\n"
        "    print(engine.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout
    child = int(await bot.stdout.readline())
    assert alive(child)
    bot.kill()
    await bot.wait()
    await until(lambda: not alive(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_to_the_whole_group_are_left_to_the_bot(number: signal.Signals) -> None:
    async with engine("well") as well:
        await well.start()
        pid = well.pid
        assert pid
        os.kill(pid, number)
        assert isinstance((await paint(well))[-1], Finished)
        assert well.pid == pid
