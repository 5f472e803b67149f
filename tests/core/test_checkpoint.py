from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest

import core
from core.checkpoint import State

OPTIONS = core.Options(size=64, iterations=14)


def pixels(image: PIL.Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(image, np.float64)


@pytest.mark.parametrize(
    ("options", "cuts"),
    [(OPTIONS, (1, 8, 13)), (core.Options(recipe="seed", size=64, iterations=2), (30,))],
)
def test_a_continued_painting_is_the_uninterrupted_one(
    painter: core.Painter,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    options: core.Options,
    cuts: tuple[int, ...],
) -> None:
    whole = list(painter.paint(photo, portrait, options))
    for cut in cuts:
        saved = whole[cut].checkpoint()
        rest = list(painter.paint(photo, portrait, options, resume=saved))
        assert whole[cut].iteration - 1 <= rest[0].iteration <= whole[cut].iteration
        assert rest[0].elapsed >= whole[cut].elapsed
        assert len(rest) < len(whole)
        assert rest[-1].iteration == whole[-1].iteration
        assert rest[-1].share == 1
        assert rest[-1].losses.total == pytest.approx(whole[-1].losses.total, rel=1e-3)
        assert np.abs(pixels(rest[-1].image) - pixels(whole[-1].image)).mean() < 0.5


def test_a_checkpoint_within_a_limit_keeps_the_picture(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    *_, step = painter.paint(photo, portrait, OPTIONS)
    full, small, least = step.checkpoint(), step.checkpoint(120_000), step.checkpoint(1)
    assert len(least) < len(small) < 120_000 < len(full)
    states = [State.decode(data) for data in (full, small, least)]
    for state in states:
        np.testing.assert_array_equal(state.point, states[0].point)
    assert states[2].pairs == ()
    assert len(states[1].pairs) >= 1
    np.testing.assert_array_equal(states[1].pairs[-1][1], states[0].pairs[-1][1])
    assert list(painter.paint(photo, portrait, OPTIONS, resume=least))[-1].share == 1


NOTES = [None, core.Note(core.NoteKind.RETAKEN), core.Note(core.NoteKind.SMALLER, (96, 64))]


def described(note: core.Note | None, /, **changed: object) -> bytes:
    """A checkpoint of a grey picture in which some of what is told about it is another."""
    point = np.full((1, 64, 96, 3), 128, np.float32)
    state = State("a cat", 0, 3, 0, 1.5, (96, 64), point, (), note)
    with np.load(io.BytesIO(state.encode())) as arrays:
        parts = dict(arrays)
    about = {**json.loads(parts["about"].tobytes()), **changed}
    parts["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **parts)
    return file.getvalue()


@pytest.mark.parametrize("note", NOTES)
def test_a_checkpoint_keeps_the_note(note: core.Note | None) -> None:
    state = State.decode(described(note))
    assert state.note == note
    assert State.decode(state.encode(1)).note == note


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 1},
        {"note": "Painted upside down."},
        {"note": {"kind": "upside down", "size": None}},
        {"note": {"kind": "smaller", "size": None}},
        {"note": {"kind": "smaller", "size": [96]}},
        {"note": {"kind": "smaller", "size": 96}},
        {"note": {"kind": "retaken", "size": [96, 64]}},
        {"note": {"kind": "retaken"}},
        {"note": []},
        {"size": None},
        {"more": 1},
    ],
)
def test_a_note_that_is_none_makes_no_checkpoint(changed: dict[str, object]) -> None:
    with pytest.raises(core.CheckpointError):
        State.decode(described(None, **changed))


@pytest.mark.parametrize("note", NOTES[:2])
def test_a_continued_painting_still_has_its_note(
    painter: core.Painter,
    photo: PIL.Image.Image,
    portrait: PIL.Image.Image,
    note: core.Note | None,
) -> None:
    options = replace(OPTIONS, iterations=4)
    saved = State.decode(next(painter.paint(photo, portrait, options)).checkpoint())
    rest = list(painter.paint(photo, portrait, options, resume=replace(saved, note=note).encode()))
    assert {step.note for step in rest} == {note}
    assert State.decode(rest[-1].checkpoint()).note == note


def test_what_is_no_checkpoint_of_this_painting_is_refused(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    saved = next(painter.paint(photo, portrait, OPTIONS)).checkpoint()
    with pytest.raises(core.CheckpointError):
        painter.paint(portrait, photo, OPTIONS, resume=saved)
    with pytest.raises(core.CheckpointError):
        painter.paint(photo, portrait, replace(OPTIONS, strength=60), resume=saved)
    other = io.BytesIO()
    np.savez(other, about=np.zeros(3, np.uint8))
    pickled = io.BytesIO()
    np.savez(pickled, about=np.array([{}], dtype=object))
    for damaged in (b"", b"PK", saved[:-40], saved[: len(saved) // 2], other.getvalue()):
        with pytest.raises(core.CheckpointError):
            State.decode(damaged)
    with pytest.raises(core.CheckpointError):
        State.decode(pickled.getvalue())
    state = State.decode(saved)
    for wrong in (
        replace(state, point=state.point * np.nan),
        replace(state, size=(state.size[0] + 1, state.size[1])),
    ):
        with pytest.raises(core.CheckpointError):
            State.decode(wrong.encode())
    with pytest.raises(core.CheckpointError):
        painter.paint(photo, portrait, OPTIONS, resume=replace(state, stage=9).encode())


def test_a_checkpoint_holds_all_that_the_minimiser_remembers(
    painter: core.Painter, photo: PIL.Image.Image, portrait: PIL.Image.Image
) -> None:
    *_, step = painter.paint(photo, portrait, OPTIONS)
    state = step.state() if step.state else None
    assert state is not None
    assert len(state.pairs) >= 3
    read = State.decode(state.encode())
    for ours, theirs in zip(read.pairs, state.pairs, strict=True):
        np.testing.assert_array_equal(ours, theirs)
