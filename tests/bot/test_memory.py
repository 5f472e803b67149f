import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import memory
from bot.app import engine_pool
from bot.engines.devices import Device
from bot.memory import SMALLEST, available, largest_size, needed, shortage
from bot.settings import Settings
from bot.studio.variations import Sizes

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
NO_LIMIT = "9223372036854771712"


def machine(root: Path, groups: str, limits: dict[str, str]) -> Path:
    """The part of a machine's file system that tells of control groups."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for path, limit in limits.items():
        file = root / "sys/fs/cgroup" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{limit}\n")
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "bytes_"),
    [
        ("0::/\n", {"memory.max": "1000000"}, 1_000_000),
        ("0::/\n", {"memory.max": "max"}, MACHINE),
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "3000000"}, 3_000_000),
        ("0::/a/b\n", {"a/b/memory.max": "2000000", "a/memory.max": "3000000"}, 2_000_000),
        ("0::/elsewhere\n", {"memory.max": "2000000"}, 2_000_000),
        ("0::/\n", {}, MACHINE),
        ("4:memory:/a\n0::/\n", {"memory/a/memory.limit_in_bytes": "5000000"}, 5_000_000),
        ("4:cpu,memory:/\n", {"memory/memory.limit_in_bytes": NO_LIMIT}, MACHINE),
        ("3:cpu:/a\n", {"memory/a/memory.limit_in_bytes": "5000000"}, MACHINE),
    ],
)
def test_the_tightest_limit_of_the_groups_around_counts(
    tmp_path: Path, groups: str, limits: dict[str, str], bytes_: int
) -> None:
    assert available(machine(tmp_path, groups, limits)) == bytes_


def test_without_control_groups_it_is_the_machines_memory(tmp_path: Path) -> None:
    assert available(tmp_path) == MACHINE
    assert 0 < available() <= MACHINE


@pytest.mark.parametrize(("size", "gigabytes"), [(256, 1.25), (512, 1.53), (1024, 2.68)])
def test_the_need_is_what_was_measured(size: int, gigabytes: float) -> None:
    assert needed(size) / 1e9 == pytest.approx(gigabytes, rel=0.01)


@pytest.mark.parametrize(
    ("size", "gigabytes", "says"),
    [
        (512, 1.4, "there is 1.40 GB: it may be slow; give the bot more, or set a smaller IMAGE_"),
        (512, 1.0, "there is 1.00 GB: paintings are of 202 pixels at most; give the bot more"),
        (512, 0.5, "there is 0.50 GB, too little even for small ones, which are tried: give the"),
    ],
)
def test_too_little_memory_is_told_with_what_becomes_of_it(
    size: int, gigabytes: float, says: str
) -> None:
    line = shortage(size, round(gigabytes * 1e9))
    assert line is not None
    assert line.startswith("A painting of 512 pixels takes up to 1.54 GB of memory, and ")
    assert says in line
    assert shortage(512, 1_600_000_000) is None


@given(st.integers(128, 4096), st.integers(0, 2**35))
def test_what_takes_too_much_is_made_smaller_and_what_does_not_is_left(
    size: int, bytes_: int
) -> None:
    fits = largest_size(bytes_)
    assert fits >= SMALLEST
    if shortage(size, bytes_) is None:
        assert fits >= size
    if fits > SMALLEST:
        assert largest_size(bytes_ - 220_000_000) <= fits
        # Of what a painting needs at most, the libraries' pages may be missing.
        assert needed(fits) - 220_000_000 <= bytes_ < needed(fits + 1) - 220_000_000


@pytest.mark.parametrize(
    ("gigabytes", "device", "wanted", "usual", "largest"),
    [
        (8, Device(), None, 512, 1024),
        (8, Device(), 4096, 2199, 2199),
        (2, Device(), None, 512, 852),
        (1, Device(), None, 202, 202),
        (1, Device(), 200, 200, 202),
        (0.5, Device(), None, 128, 128),
        (1, Device("0"), None, 1024, 2048),
    ],
)
def test_people_are_painted_what_there_is_memory_for(
    gigabytes: float,
    device: Device,
    wanted: int | None,
    usual: int,
    largest: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: round(gigabytes * 1e9))
    settings = Settings.model_validate(
        {"telegram_bot_token": f"1:{'A' * 35}", "image_size": wanted}
    )
    assert engine_pool(settings, [device]).sizes == Sizes(usual=usual, largest=largest)
