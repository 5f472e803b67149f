"""Contact sheets."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.gallery.sheet import TILE, contact_sheet


def paint(colour: str) -> Image.Image:
    return Image.new("RGB", TILE, colour)


def opened(sheet: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(sheet))
    image.load()
    return image


@pytest.mark.parametrize(
    ("number", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (5, 2, 3), (6, 2, 3)]
)
def test_pictures_lie_in_two_columns(number: int, columns: int, rows: int) -> None:
    width, height = opened(contact_sheet([paint("teal")] * number)).size
    assert (width, height) == (columns * 492 + 12, rows * 372 + 12)


def test_each_picture_is_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "blue.png"
    paint("blue").resize((64, 48)).save(file)
    sheet = np.asarray(opened(contact_sheet([paint("red"), paint("lime"), file])), dtype=np.int_)
    for (row, column), channel in {(0, 0): 0, (0, 1): 1, (1, 0): 2}.items():
        centre = sheet[192 + 372 * row, 252 + 492 * column]
        assert centre[channel] > 240
        assert np.delete(centre, channel).max() < 15
    # The field that is left over is paper, and the corners bear numbers.
    assert sheet[192 + 372, 252 + 492].min() > 235
    assert sheet[24:76, 24:76].min() < 80


def test_a_picture_that_cannot_be_read_leaves_its_field_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    files = [tmp_path / "text.png", tmp_path / "gone.png"]
    pictures: list[Path | Image.Image | None] = [*files, paint("red"), None]
    sheet = np.asarray(opened(contact_sheet(pictures)), dtype=np.int_)
    assert sheet[192, 252].min() > 235
    assert sheet[192, 252 + 492].min() > 235
    assert sheet[192 + 372, 252][0] > 240
    assert sheet[192 + 372, 252 + 492].min() > 235
    assert len(caplog.records) == 2
