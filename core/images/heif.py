"""HEIF files, as phones write them: HEVC in boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import PIL.Image
import pillow_heif

from core.images import profiles
from core.images.raster import Raster
from core.images.sizes import MAX_MEGAPIXELS
from core.images.source import Source

_SAMPLES: Final = {400: 1.0, 420: 1.5, 422: 2.0}
"""Samples of a pixel by how its colours are thinned out; else 3."""


def read(content: bytes) -> Source:
    """Reads the header of a HEIF file.

    Its pixels are taken from the decoder a band at a time: Pillow's own plugin
    would copy them.

    Args:
        content: the file.
    """
    file = pillow_heif.open_heif(content, convert_hdr_to_8bit=True, remove_stride=False)
    image = file[file.primary_index]
    info: Mapping[str, Any] = image.info
    width, height = image.size
    samples = _SAMPLES.get(info.get("chroma", 0), 3.0) + ("A" in image.mode)
    # More than 8 bits take two bytes, and one more when they are brought to 8.
    planes = samples * (3 if info.get("bit_depth", 8) > 8 else 1)

    def load() -> Raster:
        data, mode, stride = image.data, image.mode, image.stride

        def rows(top: int, bottom: int) -> PIL.Image.Image:
            part = data[top * stride : bottom * stride]
            size = (image.size[0], bottom - top)
            return PIL.Image.frombuffer(mode, size, part, "raw", mode, stride, 1)

        return Raster(size=image.size, rows=rows, profile=_profile(info))

    return Source(
        size=(width, height),
        megapixels=MAX_MEGAPIXELS,
        memory=width * height * (planes + len(image.mode)),
        load=load,
    )


def _profile(info: Mapping[str, Any]) -> bytes | None:
    nclx = info.get("nclx_profile")
    if info.get("icc_profile") or not nclx:
        return info.get("icc_profile")
    return profiles.of_still(nclx["color_primaries"], nclx["transfer_characteristics"])
