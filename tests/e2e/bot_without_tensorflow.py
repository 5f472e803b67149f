"""`python -m tests.e2e.bot_without_tensorflow`: `python -m bot`, but for what its children run."""

import sys
from functools import partial
from unittest.mock import patch

from bot.__main__ import main
from bot.engines.process import ProcessEngine

if __name__ == "__main__":
    command = (sys.executable, "-m", "tests.e2e.child_without_tensorflow")
    with patch("bot.app.ProcessEngine", partial(ProcessEngine, command=command)):
        sys.exit(main())
