import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory import available, needed, shortage

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


def test_too_little_memory_is_told_with_what_would_do() -> None:
    assert shortage(512, 1_600_000_000) is None
    assert shortage(512, 1_300_000_000) == (
        "A painting of 512 pixels takes up to 1.54 GB of memory, and there is 1.30 GB:"
        " give the bot more, or set IMAGE_SIZE to 309 or less."
    )
    assert shortage(512, 1_000_000_000) == (
        "A painting of 512 pixels takes up to 1.54 GB of memory, and there is 1.00 GB,"
        " too little even for small ones: give the bot more."
    )


@given(st.integers(32, 4096), st.integers(0, 2**35))
def test_the_size_that_is_advised_fits(size: int, bytes_: int) -> None:
    line = shortage(size, bytes_)
    assert (line is None) == (needed(size) <= bytes_)
    if line and "IMAGE_SIZE to" in line:
        largest = int(line.split("IMAGE_SIZE to ")[1].split()[0])
        assert needed(largest) <= bytes_ < needed(largest + 1)
