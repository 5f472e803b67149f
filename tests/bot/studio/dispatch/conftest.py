"""An engine that is left in order."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.studio.scripted import ScriptedEngine


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    engine = ScriptedEngine()
    yield engine
    assert engine.at_work == 0
