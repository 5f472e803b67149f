"""How much memory a painting takes, and how much there is."""

import math
import os
from pathlib import Path
from typing import Final

_BASE_BYTES: Final = 1_160_000_000
_BYTES_PER_PIXEL: Final = 1460
"""Bot and engine together, on a processor: 1.25, 1.53 and 2.68 GB were measured at the most, for
squares of 256, 512 and 1024 pixels; this line passes within one per cent of all three."""
_RECLAIMABLE: Final = 220_000_000
"""Of that, what may be missing: pages of libraries that the system reads again when it needs them.
What cannot be: an engine was measured to hold 0.61 GB at 174 pixels, 0.72 at 248, the bot 0.13."""
SMALLEST: Final = 128
"""Where there is no room even for this, it is tried all the same."""


def needed(size: int) -> int:
    """Bytes that the bot takes at most while it paints a square of `size` pixels on a processor."""
    return _BASE_BYTES + _BYTES_PER_PIXEL * size**2


def largest_size(available: int) -> int:
    """Long side in pixels of the largest painting that a processor has memory for.

    Args:
        available: bytes of memory that the bot may use.

    Returns:
        `SMALLEST` at least, whether it fits or not.
    """
    pixels = (available + _RECLAIMABLE - _BASE_BYTES) // _BYTES_PER_PIXEL
    return max(SMALLEST, math.isqrt(max(0, pixels)))


def shortage(size: int, available: int) -> str | None:
    """Say in one line what a host can do who has too little memory for a painting.

    Args:
        size: long side of a painting, in pixels.
        available: bytes of memory that the bot may use.

    Returns:
        None if it suffices.
    """
    if needed(size) <= available:
        return None
    facts = (
        f"A painting of {size} pixels takes up to {_gigabytes(needed(size))} of memory,"
        f" and there is {_gigabytes(available)}"
    )
    fits = largest_size(available)
    if needed(fits) - _RECLAIMABLE > available:
        return f"{facts}, too little even for small ones, which are tried: give the bot more."
    if fits < size:
        return (
            f"{facts}: paintings are of {fits} pixels at most; give the bot more for larger ones."
        )
    return f"{facts}: it may be slow; give the bot more, or set a smaller IMAGE_SIZE."


def available(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's, or less where it is limited.

    The limits are those of its control group and of the groups around it, of either version.

    Args:
        root: where `proc` and `sys` are.
    """
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _limit_files(root):
        try:
            text = file.read_text(encoding="ascii").strip()
        except OSError:
            continue  # a group that has no limit need not have the file, nor be shown to us
        if text.isdigit():
            limits.append(int(text))
    return min(limits)


def _limit_files(root: Path) -> list[Path]:
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    files: list[Path] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mounted, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            mounted, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = Path(path.lstrip("/"))
        files += [mounted / part / name for part in (group, *group.parents)]
    return files


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:.2f} GB"
