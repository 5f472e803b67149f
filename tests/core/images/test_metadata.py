"""What a file says about its picture: orientation and colour profiles."""

from __future__ import annotations

import PIL.Image
import PIL.ImageCms
import pytest

import core
from tests.core.images.samples import PILLOW_WARNS, RED, WHITE, assert_halves, encoded, halves, near

pytestmark = PILLOW_WARNS


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
