"""Files that are easily opened as something else, made anew, and what a screen shows of each.

The colours are those that Chromium 156 shows. `test_browser.py` asks it again.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import PIL.Image
import PIL.ImageCms

from core.images import profiles
from tests.core.images.samples import (
    BLUE,
    RED,
    WHITE,
    damaged,
    encoded,
    flat,
    halves,
    with_chunk,
    with_nclx,
)

Colour = tuple[int, int, int]

SIENNA: Colour = (200, 100, 50)
SIENNA_IN_P3: Colour = (215, 93, 31)
"""What `SIENNA` looks like in sRGB where its numbers are meant in Display P3."""

_P3_CHROMATICITIES = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file.

    Attributes:
        make: its bytes.
        left, right: what is seen in the middle of its halves.
        tolerance: how far from that is near enough, of 255.
        in_browsers: whether Chromium shows the same, and all of it.
    """

    make: Callable[[], bytes]
    left: Colour
    right: Colour | None = None
    tolerance: int = 3
    in_browsers: bool = True


def display_p3() -> bytes:
    profile = profiles.of_codes(12, 13)
    assert profile is not None
    return profile


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of a grey scale."""

    def fixed(*numbers: float) -> bytes:
        return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))

    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)
    curve = b"para\0\0\0\0\0\0\0\0" + fixed(gamma)
    start = 128 + 4 + 2 * 12
    table = struct.pack(">I4sII", 2, b"wtpt", start, len(white)) + struct.pack(
        ">4sII", b"kTRC", start + len(white), len(curve)
    )
    length = start + len(white) + len(curve)
    front = struct.pack(">I4sI4s4s4s", length, b"", 0x04300000, b"mntr", b"GRAY", b"XYZ ")
    header = (front.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + white + curve


def padded(profile: bytes, length: int) -> bytes:
    return (length.to_bytes(4, "big") + profile[4:]).ljust(length, b"\0")


def iccp(profile: bytes) -> bytes:
    return b"a profile\0\0" + zlib.compress(profile)


def told(*codes: int, image: PIL.Image.Image | None = None) -> Callable[[], bytes]:
    """A PNG file with `cICP`."""
    return lambda: with_chunk(encoded(image or flat(SIENNA), "PNG"), b"cICP", bytes((*codes, 0, 1)))


def gamma(exponent: float, chromaticities: tuple[float, ...] = ()) -> bytes:
    content = with_chunk(
        encoded(flat(SIENNA), "PNG"), b"gAMA", struct.pack(">I", round(exponent * 1e5))
    )
    numbers = (round(number * 1e5) for number in chromaticities)
    data = struct.pack(f">{len(chromaticities)}I", *numbers)
    return with_chunk(content, b"cHRM", data) if data else content


def in_avif(*codes: int) -> Callable[[], bytes]:
    return lambda: with_nclx(
        encoded(flat(SIENNA), "AVIF", quality=100, subsampling="4:4:4"), *codes
    )


def in_p3(mode: str, format_name: str, **options: object) -> Callable[[], bytes]:
    return lambda: encoded(
        flat(SIENNA).convert(mode), format_name, icc_profile=display_p3(), **options
    )


def with_text(kind: bytes, front: bytes) -> Callable[[], bytes]:
    data = front + zlib.compress(b"x" * 3_000_000)
    return lambda: with_chunk(encoded(halves(), "PNG"), kind, data)


def transparent_grey(profile: bytes) -> bytes:
    image = PIL.Image.new("LA", (64, 32), (100, 255))
    image.paste((100, 0), (32, 0, 64, 32))
    return encoded(image, "PNG", icc_profile=profile)


def bmp(alpha: int) -> bytes:
    """A file of 32 bits with a mask for alpha (BITMAPV4HEADER)."""
    rows = halves().transpose(PIL.Image.Transpose.FLIP_TOP_BOTTOM).convert("RGBA")
    rows.putalpha(alpha)
    pixels = rows.tobytes("raw", "BGRA")
    header = struct.pack("<IiiHHIIiiII", 108, 64, 32, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    body = header + masks + b"Win " + bytes(48) + pixels
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + 108) + body


def brand(content: bytes, major: bytes) -> bytes:
    return content[:8] + major + content[12:]


def jpeg(*, cut: int = 0, **options: object) -> bytes:
    content = encoded(halves(), "JPEG", quality=95, subsampling=0, **options)
    return content[: len(content) - cut]


CASES: dict[str, Case] = {
    "cicp-display-p3.png": Case(make=told(12, 13), left=SIENNA_IN_P3),
    "cicp-video.png": Case(make=told(9, 1), left=(239, 63, 5)),
    "cicp-gamma-2.8.png": Case(make=told(1, 5), left=(189, 76, 26)),
    "cicp-linear.png": Case(make=told(1, 8), left=(229, 168, 122)),
    "cicp-smpte-240m.png": Case(make=told(7, 7), left=(202, 117, 67)),
    "cicp-ntsc.png": Case(make=told(4, 13), left=(232, 93, 30)),
    "cicp-dci.png": Case(make=told(11, 13), left=(211, 93, 32)),
    "cicp-linear-grey.png": Case(make=told(1, 8, image=flat(100, mode="L")), left=(168, 168, 168)),
    "cicp-pq.png": Case(make=told(9, 16, image=flat((128, 128, 128))), left=(132, 132, 132)),
    "cicp-pq-bright.png": Case(
        make=told(9, 16, image=flat((180, 180, 180))), left=(244, 244, 244), tolerance=6
    ),
    "cicp-pq-colour.png": Case(
        make=told(9, 16, image=flat((100, 100, 140))), left=(64, 75, 170), tolerance=12
    ),
    "cicp-hlg.png": Case(make=told(9, 18, image=flat((128, 128, 128))), left=(99, 99, 99)),
    "cicp-hlg-colour.png": Case(
        make=told(9, 18, image=flat((100, 100, 140))), left=(72, 75, 108), tolerance=12
    ),
    "cicp-unspecified.png": Case(make=told(2, 2), left=SIENNA),
    "cicp-unknown.png": Case(make=told(12, 200), left=SIENNA),
    "cicp-before-profile.png": Case(
        make=lambda: with_chunk(
            encoded(flat(SIENNA), "PNG", icc_profile=display_p3()), b"cICP", bytes((1, 8, 0, 1))
        ),
        left=(229, 168, 122),
    ),
    "cicp-narrow-range.png": Case(
        make=lambda: with_chunk(encoded(flat(SIENNA), "PNG"), b"cICP", bytes((12, 13, 0, 0))),
        left=SIENNA,
    ),
    "gamma-linear.png": Case(make=lambda: gamma(1.0), left=(229, 168, 122)),
    "gamma-macintosh.png": Case(make=lambda: gamma(1 / 1.8), left=(210, 119, 65)),
    "gamma-usual.png": Case(make=lambda: gamma(0.45455), left=SIENNA),
    "gamma-none.png": Case(make=lambda: gamma(0.0, _P3_CHROMATICITIES), left=SIENNA),
    "gamma-and-primaries.png": Case(
        make=lambda: gamma(0.45455, _P3_CHROMATICITIES), left=(216, 93, 24)
    ),
    "srgb-before-gamma.png": Case(
        make=lambda: with_chunk(gamma(1.0, _P3_CHROMATICITIES), b"sRGB", b"\0"), left=SIENNA
    ),
    "gamma-damaged.png": Case(
        make=lambda: damaged(with_chunk(gamma(1.0), b"tEXt", b"a\0b"), b"gAMA"), left=SIENNA
    ),
    "profile.png": Case(make=in_p3("RGB", "PNG"), left=SIENNA_IN_P3),
    "profile-alpha.png": Case(make=in_p3("RGBA", "PNG"), left=SIENNA_IN_P3),
    "profile-palette.png": Case(make=in_p3("P", "PNG"), left=SIENNA_IN_P3, tolerance=24),
    "profile-grey.png": Case(
        make=lambda: encoded(flat(100, mode="L"), "PNG", icc_profile=grey_profile(1.0)),
        left=(168, 168, 168),
    ),
    "profile-grey-alpha.png": Case(
        make=lambda: transparent_grey(grey_profile(1.0)), left=(168, 168, 168), right=WHITE
    ),
    "profile-large.png": Case(
        make=lambda: with_chunk(
            encoded(flat(SIENNA), "PNG"), b"iCCP", iccp(padded(display_p3(), 1_500_000))
        ),
        left=SIENNA_IN_P3,
    ),
    "profile-absurd.png": Case(
        make=lambda: with_chunk(encoded(halves(), "PNG"), b"iCCP", iccp(b"x" * 3_000_000)),
        left=RED,
        right=BLUE,
    ),
    "profile-damaged.png": Case(make=lambda: damaged(in_p3("RGB", "PNG")(), b"iCCP"), left=SIENNA),
    "profile.jpg": Case(make=in_p3("RGB", "JPEG", quality=95, subsampling=0), left=SIENNA_IN_P3),
    "profile.webp": Case(make=in_p3("RGBA", "WEBP", lossless=True), left=SIENNA_IN_P3),
    "profile.tif": Case(make=in_p3("RGB", "TIFF"), left=SIENNA_IN_P3, in_browsers=False),
    "text-large.png": Case(make=with_text(b"zTXt", b"a\0\0"), left=RED, right=BLUE),
    "text-international.png": Case(make=with_text(b"iTXt", b"a\0\1\0\0\0"), left=RED, right=BLUE),
    "text-damaged.png": Case(
        make=lambda: damaged(with_chunk(encoded(halves(), "PNG"), b"tEXt", b"a\0b"), b"tEXt"),
        left=RED,
        right=BLUE,
    ),
    "key-damaged.png": Case(
        make=lambda: damaged(encoded(halves().quantize(2), "PNG", transparency=0), b"tRNS"),
        left=RED,
        right=BLUE,
    ),
    "density-short.png": Case(
        make=lambda: with_chunk(encoded(halves(), "PNG"), b"pHYs", b"\0"), left=RED, right=BLUE
    ),
    "data-checksum.png": Case(
        make=lambda: damaged(encoded(halves(), "PNG"), b"IDAT"), left=RED, right=BLUE
    ),
    "endless.png": Case(make=lambda: encoded(halves(), "PNG")[:-12], left=RED, right=BLUE),
    "endless.jpg": Case(make=lambda: jpeg(cut=2), left=RED, right=BLUE, in_browsers=False),
    "endless-progressive.jpg": Case(
        make=lambda: jpeg(cut=2, progressive=True), left=RED, right=BLUE
    ),
    "nclx-display-p3.avif": Case(make=in_avif(12, 13), left=SIENNA_IN_P3),
    "nclx-unspecified-curve.avif": Case(make=in_avif(12, 2), left=SIENNA_IN_P3),
    "nclx-video.avif": Case(make=in_avif(9, 1), left=(241, 76, 29)),
    "nclx-linear.avif": Case(make=in_avif(1, 8), left=(229, 168, 122)),
    "brand-mif1.avif": Case(
        make=lambda: brand(encoded(halves(), "AVIF", quality=95), b"mif1"),
        left=RED,
        right=BLUE,
        tolerance=12,
    ),
    "nclx-display-p3.heic": Case(
        make=lambda: encoded(
            flat(SIENNA), "HEIF", quality=100, color_primaries=12, transfer_characteristics=13
        ),
        left=SIENNA_IN_P3,
        tolerance=6,
        in_browsers=False,
    ),
    "half-transparent.bmp": Case(
        make=lambda: bmp(128), left=(255, 127, 127), right=(127, 127, 255)
    ),
    "all-transparent.bmp": Case(make=lambda: bmp(0), left=RED, right=BLUE, in_browsers=False),
}
