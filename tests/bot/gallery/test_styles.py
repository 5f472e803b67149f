"""Which styles there are, and which one people mean."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.gallery import Gallery, normalised
from bot.gallery.styles import LONGEST_NAME, TITLES


def put(folder: Path, name: str, colour: str = "teal") -> Path:
    path = folder / name
    Image.new("RGB", (64, 64), colour).save(path)
    return path


def test_the_shipped_styles_come_in_their_order() -> None:
    styles = Gallery().styles
    assert [style.name for style in styles] == list(TITLES)
    assert all(style.shipped and style.path.is_file() for style in styles)
    assert all(normalised(style.name) == style.name for style in styles)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mosaic", "mosaic"),
        ("MOSAIC", "mosaic"),
        ("  Mosaic! ", "mosaic"),
        ("stained glass", "stained-glass"),
        ("Stained_Glass", "stained-glass"),
        ("stainedglass", "stained-glass"),
        ("ink-wash", "ink-wash"),
        ("Great wave woodcut", "woodcut"),
        ("watercolor", "watercolour"),
        ("weaving", "tapestry"),
    ],
)
def test_a_style_is_found_however_it_is_written(typed: str, name: str) -> None:
    found = Gallery().find(typed)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("typed", ["", "  ", "?", "fresco", "mosaics of old", "a"])
def test_an_unknown_style_is_none(typed: str) -> None:
    assert Gallery().find(typed) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mozaic", "mosaic"),
        ("wodcut", "woodcut"),
        ("pointilism", "pointillism"),
        ("wave", "woodcut"),
    ],
)
def test_a_near_miss_is_answered_with_what_may_be_meant(typed: str, name: str) -> None:
    gallery = Gallery()
    assert gallery.find(typed) is None
    close = gallery.suggestions(typed)
    assert close[0].name == name
    assert len(close) <= 3
    assert len({style.name for style in close}) == len(close)


def test_nothing_like_it_has_no_suggestions() -> None:
    assert Gallery().suggestions("qqqqqqq") == ()
    assert Gallery().suggestions("") == ()


def test_the_hosts_own_pictures_join_the_shipped_ones(tmp_path: Path) -> None:
    path = put(tmp_path, "Grandma's Quilt.png")
    put(tmp_path, "äther_蓝.webp")
    put(tmp_path, ".hidden.png")
    (tmp_path / "folder.png").mkdir()
    gallery = Gallery(tmp_path)
    own = [style for style in gallery.styles if not style.shipped]
    assert [style.name for style in own] == ["grandma-s-quilt", "äther-蓝"]
    assert (own[0].title, own[0].path) == ("Grandma's Quilt", path)
    assert gallery.find("GRANDMA S QUILT") == own[0]
    assert gallery.find("Äther 蓝") == own[1]
    assert gallery.suggestions("grandma quilt")[0] == own[0]


def test_a_picture_of_the_hosts_takes_a_shipped_ones_place(tmp_path: Path) -> None:
    path = put(tmp_path, "Mosaic.png")
    gallery = Gallery(tmp_path)
    found = gallery.find("mosaic")
    assert found is not None
    assert (found.path, found.shipped) == (path, False)
    assert [style.name for style in gallery.styles] == list(TITLES)


def test_what_cannot_be_read_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Image.new("1", (12000, 12000)).save(tmp_path / "wall.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "dot.png")
    Image.new("RGB", (20, 2000)).save(tmp_path / "thread.png")
    whole = put(tmp_path, "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    put(tmp_path, "twice.jpg")
    put(tmp_path, "Twice.png")
    put(tmp_path, "!!.png")
    with caplog.at_level(logging.WARNING, "bot.gallery"):
        gallery = Gallery(tmp_path)
        assert {style.name for style in gallery.styles if not style.shipped} == {"whole", "twice"}
        said = sorted(record.getMessage() for record in caplog.records)
        prefix = f"STYLES_DIR: no style from {tmp_path}/"
        assert said == sorted(
            prefix + complaint
            for complaint in (
                "notes.txt: it is not a picture",
                "drawing.svg: its format (SVG) cannot be read",
                "half.png: it is damaged or incomplete",
                "wall.png: it has more than 50 megapixels",
                "dot.png: each of its sides needs 16 pixels",
                "thread.png: its long side is more than 20 times its short one",
                "twice.jpg: Twice.png already has the name twice",
                "!!.png: its name has no letters",
            )
        )
        gallery.reload()
        assert len(caplog.records) == len(said)


def test_new_pictures_appear_when_the_folder_is_read_again(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    assert gallery.find("late") is None
    path = put(tmp_path, "late.png")
    gallery.reload()
    assert gallery.find("late") is not None
    path.unlink()
    gallery.reload()
    assert gallery.find("late") is None


def test_a_folder_that_is_gone_leaves_the_shipped_styles(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "bot.gallery"):
        gallery = Gallery(tmp_path / "nowhere")
    assert len(gallery.styles) == len(TITLES)
    assert "nowhere" in caplog.text


@given(st.text())
def test_a_name_is_short_and_stays_itself(text: str) -> None:
    name = normalised(text)
    assert len(name) <= LONGEST_NAME
    assert normalised(name) == name
    assert not name.startswith("-")
    assert not name.endswith("-")
