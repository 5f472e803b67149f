"""Large pictures are shrunk, and absurd ones refused before they take memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import core
from core import images
from tests.core.images.samples import PILLOW_WARNS, RED, encoded, halves, near, png

pytestmark = PILLOW_WARNS


def bomb_png() -> bytes:
    return png(50_000, 50_000, depth=8, colour=2, data=zlib.compress(b"\0" * 1000))


def bomb_gif() -> bytes:
    content = bytearray(encoded(halves("P"), "GIF"))
    content[6:10] = struct.pack("<HH", 60_000, 60_000)
    return bytes(content)


def bomb_bmp() -> bytes:
    content = bytearray(encoded(halves(), "BMP"))
    content[18:26] = struct.pack("<ii", 40_000, 40_000)
    return bytes(content)


def bomb_jpeg() -> bytes:
    content = bytearray(encoded(halves(), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(content)


def bomb_webp() -> bytes:
    return large_webp(16_001, 16_001)


def large_webp(width: int, height: int) -> bytes:
    first = PIL.Image.new("RGB", (64, 32), RED)
    content = bytearray(
        encoded(first, "WEBP", save_all=True, append_images=[halves()], lossless=True)
    )
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return bytes(content)


@pytest.mark.parametrize("bomb", [bomb_png, bomb_gif, bomb_bmp, bomb_jpeg, bomb_webp])
def test_decompression_bombs_are_refused_unopened(bomb: Callable[[], bytes]) -> None:
    content = bomb()
    assert len(content) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(core.ImageTooLargeError) as caught:
            core.open_image(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
    assert caught.value.width == 0 or caught.value.width >= 16_000
    assert f"at most {caught.value.limit:g} megapixels" in str(caught.value)


def test_bombs_do_not_grow_the_process() -> None:
    """Native decoders allocate past `tracemalloc`, so the process itself is measured."""
    for bomb in (bomb_png, bomb_gif, bomb_bmp, bomb_jpeg, bomb_webp):
        content = bomb()
        before = resident()
        with pytest.raises(core.ImageTooLargeError):
            core.open_image(content)
        assert resident() - before < 64_000_000


def resident() -> int:
    """Most memory that this process ever held, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    pytest.skip("only Linux tells a process's peak of memory")


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(images.MAX_MEGABYTES * 1_000_000 + 1)
    with pytest.raises(core.ImageTooLargeError) as caught:
        core.open_image(path)
    assert caught.value.unit == "megabytes"
    assert str(caught.value) == "That file is too large; please send one of at most 100 megabytes."


def test_a_panorama_of_thirty_megapixels_is_shrunk() -> None:
    content = encoded(PIL.Image.new("RGB", (12_000, 2_500), (200, 100, 50)), "JPEG")
    result = core.open_image(content)
    assert max(result.size) <= images.WORKING_SIDE
    assert result.width / result.height == pytest.approx(4.8, rel=0.01)
    assert near(result.getpixel((100, 100)), (200, 100, 50), 3)


@pytest.mark.parametrize("mode", ["RGBA", "P", "I;16"])
def test_large_pictures_of_any_mode_are_shrunk(mode: str) -> None:
    content = encoded(PIL.Image.new(mode, (6000, 1000)), "PNG")
    result = core.open_image(content)
    assert result.size == (images.WORKING_SIDE, round(images.WORKING_SIDE / 6))


def grey(kind: type[np.generic]) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.zeros((4000, 6000), kind))


LARGE: dict[str, tuple[Callable[[], bytes], int]] = {
    "16-bit grey": (lambda: encoded(grey(np.uint16), "PNG", compress_level=1), 140),
    "RGBA": (lambda: encoded(PIL.Image.new("RGBA", (6000, 4000)), "PNG", compress_level=1), 240),
    "floats": (lambda: encoded(grey(np.float32), "TIFF", compression="tiff_lzw"), 260),
    "progressive": (
        lambda: encoded(PIL.Image.new("RGB", (6000, 4000)), "JPEG", progressive=True),
        300,
    ),
    "HEIC": (lambda: encoded(PIL.Image.new("RGB", (4200, 2800)), "HEIF"), 170),
}
"""Pictures of 24 megapixels (12 of HEIC), and the megabytes that opening them may take."""

OPENS = """
import sys
from pathlib import Path
import core
core.open_image
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1000 for line in lines if line.startswith("VmHWM:"))
content = sys.stdin.buffer.read()
before = peak()
image = core.open_image(content)
print(*image.size, peak() - before)
"""


@pytest.mark.parametrize("kind", LARGE)
def test_opening_holds_few_copies(kind: str) -> None:
    resident()
    make, limit = LARGE[kind]
    ended = subprocess.run(
        [sys.executable, "-c", OPENS], input=make(), capture_output=True, check=True
    )
    width, _, megabytes = map(int, ended.stdout.split())
    assert width == images.WORKING_SIDE
    assert megabytes < limit


def test_the_most_pixels_depend_on_what_one_takes() -> None:
    for content, limit in ((large_webp(8_000, 6_500), 40), (bomb_gif(), 50), (bomb_bmp(), 50)):
        with pytest.raises(core.ImageTooLargeError) as caught:
            core.open_image(content)
        assert caught.value.limit == limit


def test_progressive_pictures_are_refused_where_their_coefficients_are_too_many() -> None:
    content = bytearray(encoded(halves(), "JPEG", progressive=True, subsampling=0))
    frame = content.index(b"\xff\xc2")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 10_900, 11_000)
    with pytest.raises(core.ImageTooLargeError) as caught:
        core.open_image(bytes(content))
    assert caught.value.limit < 100
