"""docs/core.md: its examples work, and nothing public is left out of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import core
from core.options import (
    COLOURS,
    ITERATIONS,
    MOST_STYLES,
    PRECISIONS,
    QUALITIES,
    SECONDS,
    SIZES,
    STYLE_SIZES,
)
from core.recipes import RECIPES
from tests.docs.pages import CORE, ROOT, blocks, sections

PICTURES = {
    "photo.jpg": ROOT / "tests" / "data" / "chelsea.jpg",
    "style.jpg": ROOT / "bot" / "gallery" / "pictures" / "mosaic.jpg",
    "other.jpg": ROOT / "tests" / "data" / "astronaut.jpg",
}


@pytest.fixture(scope="module")
def page() -> str:
    return CORE.read_text(encoding="utf-8")


def test_the_examples_work_from_top_to_bottom(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, picture in PICTURES.items():
        (tmp_path / name).write_bytes(picture.read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.language == "python":
            # As many empty lines before it as make a traceback name the page's own lines.
            code = compile("\n" * (block.line - 1) + block.text, CORE, "exec")
            exec(code, names)  # noqa: S102 (running the page is what is tested)
    saved = {path.name for path in tmp_path.iterdir()} - set(PICTURES)
    assert saved == {"painting.jpg", "painting.png", "stopped-early.png"}


def test_every_public_name_has_a_section_with_an_example(page: str) -> None:
    found = sections(page)
    assert set(found) == set(core.__all__)
    for name, section in found.items():
        assert any(block.language == "python" for block in blocks(section)), name


@pytest.mark.parametrize("kind", [core.Options, core.Step, core.Losses, core.Painting, core.Note])
def test_every_field_is_named(page: str, kind: type[Any]) -> None:
    section = sections(page)[kind.__name__]
    for field in fields(kind):
        assert f"`{field.name}`" in section, field.name


def test_every_kind_of_note_is_named(page: str) -> None:
    for kind in core.NoteKind:
        assert f"`{kind.name}`" in sections(page)["NoteKind"]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("open_image", core.open_image),
        ("resize", core.resize),
        ("encode_jpeg", core.encode_jpeg),
        ("encode_png", core.encode_png),
        ("paint", core.paint),
        ("stylize", core.stylize),
        ("Painter", core.Painter),
        ("Painter", core.Painter.paint),
        ("Painter", core.Painter.warm),
        ("Painter", core.Painter.describe),
    ],
)
def test_signatures_are_the_codes(page: str, name: str, function: Callable[..., object]) -> None:
    section = " ".join(sections(page)[name].split())
    _, found, rest = section.partition(f"{function.__name__.replace('Painter', name)}(")
    assert found, function
    told = rest.partition(")")[0]
    parameters = [word for word in inspect.signature(function).parameters if word != "self"]
    assert [word for word in parameters if word not in told] == []


def test_ranges_are_those_of_the_code(page: str) -> None:
    rows = {
        parts[1].strip(): parts[2]
        for line in sections(page)["Options"].splitlines()
        if len(parts := line.split("|")) > 3
    }
    assert rows["`size`"].strip() == f"{SIZES.start} to {SIZES.stop - 1}"
    assert rows["`iterations`"].strip() == f"{ITERATIONS.start} to {ITERATIONS.stop - 1}"
    for name, (least, most) in {"style_size": STYLE_SIZES, "seconds": SECONDS}.items():
        assert rows[f"`{name}`"].strip() == f"{least:g} to {most:.0f}"
    for name, choices in {
        "recipe": RECIPES,
        "quality": QUALITIES,
        "precision": PRECISIONS,
        "keep_colours": (*COLOURS, "True"),
    }.items():
        assert rows[f"`{name}`"].strip() == ", ".join(f"`{choice}`" for choice in choices)
    assert MOST_STYLES == 8
    assert "up to eight" in sections(page)["paint"]
