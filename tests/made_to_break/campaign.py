"""What must hold whatever comes: each property takes as many examples as are asked for."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bot.studio.pictures.decoder import Decoder, PictureRefused
from tests.made_to_break import command_lines
from tests.made_to_break.feeding import feeding
from tests.made_to_break.pictures import broken
from tests.made_to_break.updates import Sent, updates

AT_ONCE: Final = 20
"""Updates that are fed together: one of Hypothesis's examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How many examples, and which: the same each time, or those of a seed."""

    examples: int
    seed: int | None = None

    def of(self, test: Callable[..., None], *phases: Phase) -> Callable[[], None]:
        """The test, set up to be run so."""
        configured = settings(
            max_examples=self.examples,
            derandomize=self.seed is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=phases or (Phase.explicit, Phase.generate, Phase.shrink),
        )(test)
        return configured if self.seed is None else seed(self.seed)(configured)


def feed_updates(run: Run, folder: Path) -> None:
    """Updates are handled without an exception in the log, and whoever waits is answered."""
    with asyncio.Runner() as runner:
        context = feeding(folder)
        feeder = runner.run(_entered(context))

        @given(st.lists(updates(), min_size=AT_ONCE, max_size=AT_ONCE))
        def feed(sent: list[Sent]) -> None:
            runner.run(feeder.feed(sent))

        handfuls = Run(examples=max(1, run.examples // AT_ONCE), seed=run.seed)
        try:
            # What one leaves behind makes the next another, so that none can be made smaller.
            handfuls.of(feed, Phase.generate)()
        finally:
            runner.run(_left(context))


def break_pictures(run: Run, kind: str) -> dict[str, Any]:
    """Damaged pictures are decoded or refused by a child that survives them all.

    Returns:
        How many were decoded and how many refused, by the refusal; the longest took so long.
    """
    found: dict[str, Any] = {"decoded": 0, "seconds": 0.0}
    with asyncio.Runner() as runner:
        decoder = Decoder()

        async def decode(data: bytes) -> str:
            async with decoder.turn() as child:
                try:
                    await child.size(data)
                except PictureRefused as error:
                    return error.refusal.name
                return "decoded"

        @given(broken(kind))
        def try_to_decode(data: bytes) -> None:
            began = time.monotonic()
            outcome = runner.run(decode(data))
            found[outcome] = found.get(outcome, 0) + 1
            found["seconds"] = max(found["seconds"], time.monotonic() - began)

        try:
            run.of(try_to_decode)()
        finally:
            runner.run(decoder.close())
    return found


def break_command_lines(run: Run, folder: Path) -> None:
    """Command lines end with 0, or with 2 and a line about it."""
    with command_lines.some_files(folder):
        _break_command_lines(run)


def _break_command_lines(run: Run) -> None:
    for main, lines in (
        (command_lines.core_main, command_lines.CORE),
        (command_lines.bot_main, command_lines.BOT),
    ):

        @given(lines)
        def end_well(arguments: list[str]) -> None:
            command_lines.run(main, arguments)  # noqa: B023 (run before the next)

        run.of(end_well)()


async def _entered(context: Any) -> Any:  # noqa: ANN401 (any context manager)
    return await context.__aenter__()


async def _left(context: Any) -> None:  # noqa: ANN401
    await context.__aexit__(None, None, None)
