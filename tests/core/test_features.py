from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest
import tensorflow as tf

import core
from core import weights as shipped_weights
from core.features import FeatureNetwork, load_vgg19
from core.recipes import Padding
from core.weights import Kernels

Array = npt.NDArray[np.float64]


def tensor(image: PIL.Image.Image) -> tf.Tensor:
    return tf.constant(np.asarray(image, np.float32)[np.newaxis])


def convolved(values: Array, kernel: Array, bias: Array, mode: str) -> Array:
    """A 3 x 3 convolution with a border of one, then the rectifier, in plain NumPy.

    Shapes: (height, width, in), (3, 3, in, out), (out,) to (height, width, out).
    """
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode=mode)  # type: ignore[call-overload]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    sums: Array = np.einsum("hwiyx,yxio->hwo", windows, kernel, optimize=True)
    return np.maximum(sums + bias, 0)


def halved(values: Array) -> Array:
    height, width, channels = values.shape
    cut = values[: height // 2 * 2, : width // 2 * 2]
    squares: Array = cut.reshape(height // 2, 2, width // 2, 2, channels)
    result: Array = squares.max(axis=(1, 3))
    return result


@pytest.mark.parametrize(
    ("padding", "mode"), [(Padding.ZERO, "constant"), (Padding.MIRROR, "symmetric")]
)
def test_features_of_a_photo_agree_with_numpy_layer_by_layer(
    photo: PIL.Image.Image,
    vgg19: Kernels,
    padding: Padding,
    mode: str,
) -> None:
    crop = photo.crop((60, 30, 60 + 52, 30 + 38))
    found = FeatureNetwork(vgg19, padding)(tensor(crop), shipped_weights.LAYERS)
    means = np.array([103.939, 116.779, 123.68])  # ImageNet's blue, green and red
    values = np.asarray(crop, np.float64)[..., ::-1] - means
    block = "block1"
    for layer, (kernel, bias) in shipped_weights.shipped().items():
        if not layer.startswith(block):
            values = halved(values)
            block = layer[:6]
        values = convolved(values, kernel.astype(np.float64), bias.astype(np.float64), mode)
        theirs = found[layer].numpy()[0]
        assert theirs.shape == values.shape
        assert np.abs(theirs - values).max() < 1e-4 * values.max(), layer
        assert values.max() > 1, "a dead layer would agree with anything"


@pytest.fixture(scope="module")
def model(vgg19: Kernels) -> keras.Model:
    """Keras' own, with the shipped weights."""
    model = keras.applications.VGG19(include_top=False, weights=None)
    for layer, arrays in vgg19.items():
        model.get_layer(layer).set_weights(arrays)
    return model


def test_features_are_keras_own(photo: PIL.Image.Image, vgg19: Kernels, model: keras.Model) -> None:
    picture = np.asarray(photo, np.float32)[np.newaxis]
    layer = "block5_conv2"
    inner = keras.Model(model.input, model.get_layer(layer).output)
    theirs = inner(keras.applications.vgg19.preprocess_input(picture.copy())).numpy()
    ours = FeatureNetwork(vgg19, Padding.ZERO)(tensor(photo), [layer])[layer]
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * theirs.max())


def test_the_network_knows_a_cat_from_an_astronaut(
    photo: PIL.Image.Image, portrait: PIL.Image.Image, vgg19: Kernels
) -> None:
    """Trained deep features of one cat in two crops are nearer than cat and astronaut."""
    network = FeatureNetwork(vgg19, Padding.MIRROR)

    def code(image: PIL.Image.Image) -> npt.NDArray[np.float32]:
        deep = network(tensor(image), ["block5_conv2"])["block5_conv2"]
        vector: npt.NDArray[np.float32] = tf.reduce_mean(deep, axis=[0, 1, 2]).numpy()
        return vector / np.linalg.norm(vector)

    cat = code(photo.crop((40, 0, 168, 128)))
    mirrored = code(photo.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT).crop((10, 4, 134, 124)))
    astronaut = code(portrait.crop((10, 10, 138, 138)))
    assert cat @ mirrored > cat @ astronaut + 0.1


def test_weights_from_a_keras_file_give_the_same_features(
    tmp_path: Path, photo: PIL.Image.Image, vgg19: Kernels, model: keras.Model
) -> None:
    for name in ("vgg19.weights.h5", "vgg19.keras"):
        path = tmp_path / name
        if name.endswith(".weights.h5"):
            model.save_weights(path)
        else:
            model.save(path)
        loaded = FeatureNetwork(load_vgg19(str(path)), Padding.ZERO)
        shipped = FeatureNetwork(vgg19, Padding.ZERO)
        layers = ["block1_conv1", "block3_conv4", "block5_conv2"]
        theirs = loaded(tensor(photo), layers)
        for layer, ours in shipped(tensor(photo), layers).items():
            np.testing.assert_array_equal(theirs[layer], ours)


def test_weights_that_cannot_be_had(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.weights.h5"
    damaged.write_bytes(b"not HDF5 at all")
    other = tmp_path / "other.weights.h5"
    small = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    small.save_weights(other)
    torch = tmp_path / "weights.pt"
    torch.write_bytes(b"")
    for path in (damaged, other, torch, tmp_path / "none.h5", tmp_path):
        with pytest.raises(core.WeightsError) as caught:
            load_vgg19(str(path))
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_download_that_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy that nobody listens at keeps this from the network wherever it runs.
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    if any((Path.home() / ".keras/models").glob("vgg19*notop*")):
        pytest.skip("Keras' weights are already on this machine")
    with pytest.raises(core.WeightsError, match="could not be downloaded"):
        load_vgg19("imagenet")


def test_layers_that_do_not_exist_are_named(vgg19: Kernels) -> None:
    network = FeatureNetwork(vgg19, Padding.ZERO)
    with pytest.raises(ValueError, match="Layer block9_conv9 is not a convolution of VGG19"):
        network(tf.zeros((1, 32, 32, 3)), ["block9_conv9"])
