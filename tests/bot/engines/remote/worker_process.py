"""A worker in a process of its own, over a child that behaves: it may be killed and frozen.

Usage: python -m tests.bot.engines.remote.worker_process CONNINFO NAME
"""

import asyncio
import sys

from bot import worker
from tests.bot.engines.remote.working import local

if __name__ == "__main__":
    conninfo, name = sys.argv[1:]
    asyncio.run(worker.paint(conninfo, {name: local()}, asyncio.Event(), checkpoint_seconds=0.0))
