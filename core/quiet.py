"""Keeps TensorFlow's start from talking on standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_start() -> Iterator[None]:
    """Holds back what native code writes to standard error while TensorFlow loads.

    TF_CPP_MIN_LOG_LEVEL silences what comes later, but not the lines written
    before its logging is set up; they go past `sys.stderr`, so the descriptor
    itself is turned aside. If the block raises, what was held back is shown.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(kept, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
