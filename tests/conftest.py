"""What all tests have in common, and how they are shared out among processes."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import certifi
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

import core

_END = "-----END CERTIFICATE-----\n"

_TOGETHER: Final = ("tests/core/test_*.py", "tests/bot/engines/test_notes.py")
"""They share a painter whose graphs are traced; a second process would trace them once more."""

_LONG: Final = (
    *_TOGETHER,
    "tests/e2e/*",
    "tests/bot/studio/test_told_once.py",
    "tests/docs/test_core_page.py",
    "tests/bot/test_check.py",
    "tests/bot/engines/*",
)
"""What takes longest, to begin with it, lest one process be left with it at the end."""


# A busy machine is slow, not broken.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_configure() -> None:
    """Have each TensorFlow keep to one thread: the processors are shared by several processes."""
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share out whole files in their order, and what is best done in one process as one file."""
    if config.getoption("dist") not in {"load", "loadfile"}:
        return None
    config.option.loadscopereorder = False
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = _unit
    return scheduler


def _unit(node_id: str) -> str:
    file = node_id.partition("::")[0]
    return "together" if any(fnmatch(file, one) for one in _TOGETHER) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest in front."""

    def place(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0]
        return next((n for n, one in enumerate(_LONG) if fnmatch(file, one)), len(_LONG))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave out of every later garbage collection what is imported by now: it stays."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def painter() -> core.Painter:
    """What it has loaded and traced need not be loaded and traced again."""
    return core.Painter()


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust a single authority: each client reads them all, though loopback needs none.

    That takes 27 ms of each client, and hundreds are made.
    """
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition(_END)
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    path.write_text(first + end, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield
