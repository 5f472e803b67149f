"""The stylisation in one pass: right, for every size, and any module in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import core.start
from core.errors import AtelierError
from core.start import SHIPPED, StartModel, StartModelError
from core.start.model import FOLDER
from tests.core.start_reference import REFERENCE, STEP, photo

ImageArray = npt.NDArray[np.float32]

SAVED = Path(core.start.__file__).with_name(FOLDER)
# What a stranger's module does with a content and a style.
Manner = Callable[[Any, Any], Any]


@pytest.fixture(scope="module")
def model() -> StartModel:
    return StartModel.load()


@pytest.fixture(scope="module")
def astronaut() -> ImageArray:
    return photo("astronaut.jpg")


@pytest.fixture(scope="module")
def chelsea() -> ImageArray:
    return photo("chelsea.jpg")


def stripes(height: int, width: int) -> ImageArray:
    """A style of diagonal stripes in two colours."""
    rows, columns = np.indices((height, width))
    colours = np.array([[0.9, 0.1, 0.2], [0.1, 0.3, 0.9]], np.float32)
    picture: ImageArray = colours[(rows + columns) // 8 % 2]
    return picture


def strange(folder: Path, manner: Manner) -> StartModel:
    """Saves and loads a module without codes, called as Magenta's on TF-Hub is."""
    names = ("content", "style")
    signature = [tf.TensorSpec((None, None, None, 3), tf.float32, name) for name in names]
    module: Any = tf.Module()
    module.__call__ = tf.function(manner, input_signature=signature, autograph=False)
    tf.saved_model.save(module, str(folder))
    return StartModel.load(folder)


def enlarged(content: Any, style: Any) -> dict[str, Any]:  # noqa: ANN401 (tensors)
    """A module that returns a size of its own, in a dictionary."""
    del style
    return {"picture": tf.image.resize(content, tf.shape(content)[1:3] + 4)}


# The numbers are the original's, see start_reference.py.


def test_the_code_of_a_real_photo_is_the_originals(model: StartModel, chelsea: ImageArray) -> None:
    with np.load(REFERENCE) as reference:
        code = model.style_code(chelsea)
        assert code.shape == (100,)
        np.testing.assert_allclose(code, reference["exact/code"], atol=1e-4)
        # Rounding every activation to 8 bits, as the original does, moves it by a hundredth.
        assert np.abs(code - reference["rounded/code"]).mean() < 0.02


def test_the_picture_of_real_photos_is_the_originals(
    model: StartModel, astronaut: ImageArray, chelsea: ImageArray
) -> None:
    with np.load(REFERENCE) as reference:
        picture = model.stylise(astronaut, [chelsea])[::STEP, ::STEP]
        np.testing.assert_allclose(picture, reference["exact/picture"], atol=1e-3)
        assert np.abs(picture - reference["rounded/picture"]).mean() < 0.025


def test_it_is_called_as_the_module_on_tf_hub_is(
    model: StartModel, astronaut: ImageArray, chelsea: ImageArray
) -> None:
    import tensorflow_hub  # noqa: PLC0415 (quietly, once the model was loaded)

    module = tensorflow_hub.load(str(SAVED))
    contents = np.stack([astronaut[:97, :130], astronaut[200:297, 100:230]])
    styles = np.stack([chelsea, chelsea[::-1]])
    pictures = module(tf.constant(contents), tf.constant(styles))[0]
    assert pictures.shape == contents.shape
    for index in range(2):
        alone = model.stylise(contents[index], [styles[index]])
        # The runner pads before, the module itself when it is called.
        np.testing.assert_allclose(pictures[index], alone, atol=2e-3)


def test_the_shipped_folder_stays_small() -> None:
    assert sum(file.stat().st_size for file in SAVED.rglob("*") if file.is_file()) < 5_000_000


# Sizes


@settings(max_examples=12, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90))
def test_every_size_gives_a_picture_of_that_size(
    model: StartModel, astronaut: ImageArray, height: int, width: int
) -> None:
    picture = model.stylise(astronaut[:height, :width], [stripes(40, 64)])
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (1000, 1000)])
def test_a_style_may_have_any_size_and_shape(
    model: StartModel, astronaut: ImageArray, shape: tuple[int, int]
) -> None:
    assert np.isfinite(model.stylise(astronaut[:64, :64], [stripes(*shape)])).all()


def test_a_large_content_is_worked_on_at_the_asked_size(
    model: StartModel, astronaut: ImageArray
) -> None:
    style = [stripes(256, 256)]
    doubled = np.repeat(np.repeat(astronaut[:128, :192], 2, axis=0), 2, axis=1)
    small = model.stylise(astronaut[:128, :192], style)
    large = model.stylise(doubled, style, working_size=192)
    assert large.shape == (256, 384, 3)
    means = large.reshape(128, 2, 192, 2, 3).mean(axis=(1, 3))
    # The same picture, larger: far nearer than the stylisation at full size comes.
    other = model.stylise(doubled, style).reshape(128, 2, 192, 2, 3).mean(axis=(1, 3))
    assert np.abs(means - small).mean() < 0.02
    assert np.abs(means - small).mean() < np.abs(other - small).mean() / 2


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_content_becomes_a_calm_picture(model: StartModel, level: float) -> None:
    picture = model.stylise(np.full((61, 75, 3), level, np.float32), [stripes(256, 256)])
    assert np.isfinite(picture).all()
    # Only rounding errors differ from pixel to pixel, and the borders show nothing of their own.
    assert picture.std(axis=(0, 1)).max() < 0.05


def test_a_flat_style_is_borne(model: StartModel, astronaut: ImageArray) -> None:
    picture = model.stylise(astronaut[:64, :64], [np.ones((20, 20, 3), np.float32)])
    assert np.isfinite(picture).all()


# Meaning


def test_the_same_pictures_give_the_same_result(
    model: StartModel, astronaut: ImageArray, chelsea: ImageArray
) -> None:
    first = model.stylise(astronaut, [chelsea])
    np.testing.assert_array_equal(first, model.stylise(astronaut, [chelsea]))
    np.testing.assert_array_equal(first, StartModel.load().stylise(astronaut, [chelsea]))


def test_the_colours_are_the_styles(model: StartModel, astronaut: ImageArray) -> None:
    for colour in ([0.8, 0.2, 0.1], [0.1, 0.3, 0.8]):
        rng = np.random.default_rng(1)
        style = np.array(colour, np.float32) * rng.uniform(0.4, 1.2, (256, 256, 1))
        picture = model.stylise(astronaut, [style.astype(np.float32)])
        assert picture.mean(axis=(0, 1)).argmax() == np.argmax(colour)


def test_styles_blend_by_their_weights(
    model: StartModel, astronaut: ImageArray, chelsea: ImageArray
) -> None:
    content, styles = astronaut[:128, :128], [chelsea, stripes(256, 256)]
    pictures = [model.stylise(content, styles, (1 - part, part)) for part in (0, 0.25, 0.5, 1)]
    np.testing.assert_array_equal(pictures[0], model.stylise(content, [chelsea]))
    distances = [float(np.abs(picture - pictures[0]).mean()) for picture in pictures]
    assert distances == sorted(distances)
    assert len(set(distances)) == len(distances)


def test_strength_goes_from_the_photos_own_manner_to_the_styles(
    model: StartModel, astronaut: ImageArray
) -> None:
    content, style = astronaut[:128, :128], stripes(256, 256)
    own = model.transform(content, model.style_code(content))
    np.testing.assert_array_equal(model.stylise(content, [style], strength=0), own)
    distances = [
        float(np.abs(model.stylise(content, [style], strength=each) - own).mean())
        for each in (0, 0.3, 0.6, 1)
    ]
    assert distances == sorted(distances)
    assert distances[-1] > 0.05


# Any module in its place


def test_a_module_without_codes_blends_pictures(tmp_path: Path, astronaut: ImageArray) -> None:
    model = strange(
        tmp_path, lambda content, style: [0.0 * content + tf.reduce_mean(style, (1, 2), True)]
    )
    assert not model.has_codes
    content = astronaut[:45, :63]
    styles = [np.full((32, 32, 3), level, np.float32) for level in (0.2, 0.6)]
    np.testing.assert_allclose(model.stylise(content, styles, (0.75, 0.25)), 0.3, atol=1e-3)
    half = model.stylise(content, styles[1:], strength=0.5)
    np.testing.assert_allclose(half, content / 2 + 0.3, atol=1e-3)


def test_a_modules_own_idea_of_a_size_is_put_right(tmp_path: Path, astronaut: ImageArray) -> None:
    model = strange(tmp_path, enlarged)
    content = astronaut[:301, :203]
    picture = model.stylise(content, [stripes(64, 64)])
    assert picture.shape == content.shape
    assert np.abs(picture - content).mean() < 0.03


@pytest.mark.parametrize(
    ("manner", "fault"),
    [
        (lambda content, style: (content + style[0, 0, 0])[..., 0], "does not return a picture"),
        (lambda content, style: (content + style[0, 0, 0])[..., :2], "does not return a picture"),
        (lambda content, style: content / 0 * style[0, 0, 0], "undefined colours"),
        (lambda content, style: [content + style], "fails on these pictures"),
    ],
)
def test_a_module_that_does_something_else_is_named(
    tmp_path: Path, manner: Manner, fault: str
) -> None:
    model = strange(tmp_path, manner)
    with pytest.raises(StartModelError, match=fault) as caught:
        model.stylise(stripes(40, 44), [stripes(64, 70)])
    assert caught.value.handle == str(tmp_path)


def test_what_cannot_be_loaded_is_named_in_one_line(tmp_path: Path) -> None:
    empty, damaged, plain = (tmp_path / name for name in ("empty", "damaged", "plain"))
    empty.mkdir()
    damaged.mkdir()
    damaged.joinpath("saved_model.pb").write_bytes(b"\xff\x00 damaged")
    plain.write_text("a file")
    handles: list[str | Path] = [
        empty,
        damaged,
        plain,
        tmp_path / "missing",
        "",
        "http://127.0.0.1:9/model/1",
    ]
    for handle in handles:
        with pytest.raises(StartModelError, match="cannot be loaded") as caught:
            StartModel.load(handle)
        assert isinstance(caught.value, AtelierError)
        assert caught.value.handle == str(handle)
        assert "\n" not in str(caught.value)


def test_a_saved_model_that_is_no_stylisation_is_named(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(StartModelError, match="is not a stylisation"):
        StartModel.load(tmp_path)


def test_the_shipped_model_needs_no_name() -> None:
    assert StartModel.load().handle == SHIPPED
