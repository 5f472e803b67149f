from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core import images

# Pillow warns of damage that it can read past.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]

RED, GREEN, BLUE, WHITE, BLACK = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (0, 0, 0),
)


def encoded(image: PIL.Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def halves(mode: str = "RGB", size: tuple[int, int] = (64, 32)) -> PIL.Image.Image:
    """Left half red, right half blue."""
    image = PIL.Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def near(found: object, wanted: tuple[int, int, int], tolerance: int = 12) -> bool:
    assert isinstance(found, tuple)
    return all(abs(ours - theirs) <= tolerance for ours, theirs in zip(found, wanted, strict=True))


def assert_halves(image: PIL.Image.Image, tolerance: int = 12) -> None:
    assert image.mode == "RGB"
    assert image.size == (64, 32)
    assert near(image.getpixel((8, 16)), RED, tolerance)
    assert near(image.getpixel((56, 16)), BLUE, tolerance)


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 95}),
        ("HEIF", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
        ("MPO", {"save_all": True, "quality": 95, "subsampling": 0}),
    ],
)
def test_every_format_is_read(format_name: str, options: dict[str, object]) -> None:
    assert_halves(core.open_image(encoded(halves(), format_name, **options)))


@pytest.mark.parametrize("mode", ["P", "RGBA", "CMYK", "YCbCr"])
def test_colour_modes_become_rgb(mode: str) -> None:
    assert_halves(core.open_image(encoded(halves(mode), "TIFF")))


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_becomes_rgb(mode: str) -> None:
    image = PIL.Image.new("L", (64, 32), 0)
    image.paste(255, (32, 0, 64, 32))
    result = core.open_image(encoded(image.convert(mode), "PNG"))
    assert result.mode == "RGB"
    assert result.getpixel((8, 16)) == BLACK
    assert result.getpixel((56, 16)) == WHITE


def test_cmyk_jpeg_keeps_its_colours() -> None:
    content = encoded(halves("CMYK"), "JPEG", quality=95, subsampling=0)
    assert_halves(core.open_image(content))


def test_transparency_is_laid_on_white() -> None:
    image = PIL.Image.new("RGBA", (64, 32), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (32, 0, 64, 32))
    image.paste((0, 0, 0, 128), (0, 0, 8, 32))
    for format_name in ("PNG", "WEBP"):
        result = core.open_image(encoded(image, format_name, lossless=True))
        assert result.getpixel((20, 16)) == WHITE
        assert result.getpixel((50, 16)) == RED
        assert near(result.getpixel((2, 16)), (127, 127, 127), 1)


def test_a_transparent_palette_entry_is_laid_on_white() -> None:
    image = halves().quantize(2)
    entry = image.getpixel((0, 0))
    result = core.open_image(encoded(image, "GIF", transparency=entry))
    assert result.getpixel((8, 16)) == WHITE
    assert result.getpixel((56, 16)) == BLUE


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_and_not_cut_off(format_name: str) -> None:
    values = np.full((32, 64), 0x8080, np.uint16)
    values[:, 32:] = 0xFFFF
    result = core.open_image(encoded(PIL.Image.fromarray(values), format_name))
    assert result.getpixel((8, 16)) == (128, 128, 128)
    assert result.getpixel((56, 16)) == WHITE


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 255.0), (-50.0, 5000.0)])
def test_floating_point_pictures_show_their_range(low: float, high: float) -> None:
    values = np.full((32, 64), low, np.float32)
    values[:, 32:] = high
    values[0, 0] = np.nan
    result = core.open_image(encoded(PIL.Image.fromarray(values), "TIFF"))
    assert result.getpixel((8, 16)) == BLACK
    assert result.getpixel((56, 16)) == WHITE


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int, colour: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", data)
        + png_chunk(b"IEND", b"")
    )


def test_sixteen_bit_rgb() -> None:
    row = b"\0" + struct.pack(">HHH", 0xFFFF, 0x8080, 0) * 20
    result = core.open_image(png(20, 20, depth=16, colour=2, data=zlib.compress(row * 20)))
    assert result.getpixel((3, 3)) == (255, 128, 0)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(format_name: str) -> None:
    later = [PIL.Image.new("RGB", (64, 32), colour) for colour in (GREEN, WHITE)]
    options: dict[str, object] = {"save_all": True, "append_images": later}
    if format_name != "TIFF":
        options["duration"] = 100
    if format_name == "WEBP":
        options["lossless"] = True
    assert_halves(core.open_image(encoded(halves(), format_name, **options)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation: int) -> None:
    upright = PIL.Image.new("RGB", (64, 32), WHITE)
    upright.paste(RED, (0, 0, 32, 16))
    undo = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    result = core.open_image(encoded(stored, "JPEG", exif=exif, quality=95, subsampling=0))
    assert result.size == (64, 32)
    assert near(result.getpixel((10, 6)), RED)
    assert near(result.getpixel((50, 6)), WHITE)
    assert near(result.getpixel((10, 26)), WHITE)
    assert not result.getexif()


def test_heif_orientation_is_applied_once() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = encoded(halves(size=(32, 64)).transpose(PIL.Image.Transpose.ROTATE_90), "HEIF")
    assert core.open_image(content).size == (64, 32)
    turned = encoded(halves(), "HEIF", exif=exif.tobytes())
    assert core.open_image(turned).size == (32, 64)


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    content = encoded(halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01", quality=95)
    assert core.open_image(content).size == (64, 32)


def test_colour_profiles_are_applied_and_damaged_ones_ignored() -> None:
    srgb = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    assert_halves(core.open_image(encoded(halves(), "PNG", icc_profile=srgb)))
    assert_halves(core.open_image(encoded(halves(), "PNG", icc_profile=srgb[:200])))
    lab = PIL.ImageCms.profileToProfile(
        halves(),
        PIL.ImageCms.createProfile("sRGB"),
        PIL.ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("LAB")).tobytes()
    assert_halves(core.open_image(encoded(lab, "TIFF", icc_profile=profile)), tolerance=30)


def test_paths_are_read_and_missing_ones_are_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(halves(), "PNG"))
    assert_halves(core.open_image(path))
    assert_halves(core.open_image(str(path)))
    with pytest.raises(FileNotFoundError):
        core.open_image(tmp_path / "none.png")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html></html>", b"%PDF-1.7", b"\0" * 4096, bytes(range(256))]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(core.NotAnImageError, match="not a picture"):
        core.open_image(content)


@pytest.mark.parametrize("format_name", ["JPEG2000", "ICO"])
def test_pictures_of_other_formats_are_named(format_name: str) -> None:
    with pytest.raises(core.UnsupportedImageError) as caught:
        core.open_image(encoded(halves(), format_name))
    assert caught.value.format == format_name


def test_pillow_formats_beyond_the_list_are_refused() -> None:
    for format_name in ("PPM", "TGA", "PCX", "EPS", "SGI"):
        with pytest.raises((core.NotAnImageError, core.UnsupportedImageError)):
            core.open_image(encoded(halves(), format_name))


@pytest.mark.parametrize(
    "format_name", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF"]
)
def test_truncated_files_are_told_apart(format_name: str, photo: PIL.Image.Image) -> None:
    content = encoded(photo, format_name)
    with pytest.raises(core.TruncatedImageError):
        core.open_image(content[: len(content) // 2])


def test_one_pixel_is_too_small() -> None:
    with pytest.raises(core.ImageTooSmallError) as caught:
        core.open_image(encoded(PIL.Image.new("RGB", (1, 1)), "PNG"))
    assert (caught.value.width, caught.value.height) == (1, 1)
    assert caught.value.minimum == images.MIN_SIDE
    assert str(caught.value) == (
        "That picture is 1 x 1 pixels; please send one with at least 16 pixels on each side."
    )


def test_absurd_aspect_ratios_are_refused_and_long_panoramas_are_not() -> None:
    with pytest.raises(core.AspectRatioError) as caught:
        core.open_image(encoded(PIL.Image.new("RGB", (2000, 16)), "PNG"))
    assert caught.value.limit == images.MAX_ASPECT_RATIO
    assert core.open_image(encoded(PIL.Image.new("RGB", (16, 320)), "PNG")).size == (16, 320)


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
    first = PIL.Image.new("RGB", (64, 32), RED)
    content = bytearray(
        encoded(first, "WEBP", save_all=True, append_images=[halves()], lossless=True)
    )
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = (16_000).to_bytes(3, "little") * 2
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


ENCODED = [
    encoded(halves(size=(40, 24)), format_name)
    for format_name in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "BMP", "GIF")
]


def assert_image_or_image_error(content: bytes) -> None:
    try:
        image = core.open_image(content)
    except core.ImageError:
        return
    assert image.mode == "RGB"
    assert min(image.size) >= images.MIN_SIDE
    image.tobytes()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_picture_or_an_image_error(content: bytes) -> None:
    assert_image_or_image_error(content)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ENCODED), st.data())
def test_any_truncation_gives_a_picture_or_an_image_error(
    content: bytes, data: st.DataObject
) -> None:
    assert_image_or_image_error(content[: data.draw(st.integers(0, len(content)))])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ENCODED), st.data())
def test_any_damage_gives_a_picture_or_an_image_error(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert_image_or_image_error(bytes(damaged))


def test_encoding_round_trips() -> None:
    assert_halves(core.open_image(core.encode_png(halves())))
    assert_halves(core.open_image(core.encode_jpeg(halves(), quality=95)))
    rough, fine = (core.encode_jpeg(halves(), quality=quality) for quality in (10, 95))
    assert len(rough) < len(fine)


@given(st.integers(16, 5000), st.integers(16, 5000), st.integers(32, 4096))
def test_fit_keeps_the_aspect_ratio(width: int, height: int, long_side: int) -> None:
    fitted = images.fit(width, height, long_side)
    assert max(fitted) == long_side
    short = long_side * min(width, height) / max(width, height)
    assert min(fitted) == pytest.approx(max(short, 1), abs=0.51)
