"""`python -m tests.e2e.bot_without_tensorflow`: `python -m bot`, but for what its children run."""

import sys
from functools import partial

from bot import app
from bot.__main__ import main
from bot.engines.process import ProcessEngine

if __name__ == "__main__":
    command = (sys.executable, "-m", "tests.e2e.child_without_tensorflow")
    app.ProcessEngine = partial(ProcessEngine, command=command)  # type: ignore[misc, assignment]
    sys.exit(main())
