"""What a GPU gains, by which arithmetic: `python -m benchmarks.gpu`.

Times an evaluation at several sizes, one way after another: float32, TF32 (TensorFlow's default on
recent GPUs), XLA, features in bfloat16, and TensorFlow's automatic mixed precision (float16); and
says how far each one's loss and gradient are from float32's. Without a GPU it says so and ends;
`--anyway` measures the processor, where TF32 and mixed precision change nothing.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
import tensorflow as tf

from benchmarks.efficiency import operations
from core.features import FeatureNetwork, load_vgg19
from core.objective import Evaluation, Weights
from core.precision import Precision
from core.recipes import ATELIER
from core.tiled_objective import TiledObjective
from core.tiles import TILE_PIXELS_ON_GPU
from core.whole_objective import WholeObjective


@dataclass(frozen=True, slots=True)
class Way:
    """A way to compute: the features' format, and TensorFlow's switches."""

    precision: Precision = Precision.FLOAT32
    tf32: bool = False
    xla: bool = False
    mixed: bool = False

    def switch_on(self) -> None:
        """Set the switches for graphs that are traced from now on."""
        tf.config.experimental.enable_tensor_float_32_execution(self.tf32)
        tf.config.optimizer.set_jit("autoclustering" if self.xla else False)
        tf.config.optimizer.set_experimental_options({"auto_mixed_precision": self.mixed})


WAYS: Mapping[str, Way] = {
    "float32": Way(),
    "TF32": Way(tf32=True),
    "TF32, XLA": Way(tf32=True, xla=True),
    "bfloat16": Way(Precision.BFLOAT16, tf32=True),
    "bfloat16, XLA": Way(Precision.BFLOAT16, tf32=True, xla=True),
    "mixed": Way(tf32=True, mixed=True),
}

WEIGHTS = Weights(0.1, 1.0, 0.02)


def evaluate(network: FeatureNetwork, side: int, rounds: int) -> tuple[Evaluation, float]:
    """An evaluation at a long side in pixels, and the median of its seconds."""
    generator = np.random.default_rng(0)
    height = side * 3 // 4
    picture = tf.constant(generator.uniform(0, 255, (1, height, side, 3)).astype(np.float32))
    whole = WholeObjective(network, ATELIER)
    objective = TiledObjective(network, ATELIER, whole, pixels=TILE_PIXELS_ON_GPU)
    targets = objective.targets(picture[:, ::-1], objective.statistics(picture[:, :, ::-1]))
    evaluation = objective.evaluate(picture, targets, WEIGHTS)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        evaluation = objective.evaluate(picture, targets, WEIGHTS)
        evaluation.gradient.numpy()
        times.append(time.perf_counter() - began)
    return evaluation, median(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--anyway", action="store_true", help="on a processor, too")
    chosen = parser.parse_args()
    quick = chosen.quick
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus and not chosen.anyway:
        sys.stdout.write("There is no GPU here that TensorFlow can use.\n")
        return
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    device = tf.config.experimental.get_device_details(gpus[0]) if gpus else {}
    sys.stdout.write(f"{device.get('device_name', 'no GPU here: the processor')}\n")
    model = load_vgg19()
    sys.stdout.write(
        f"{'size':>5} {'way':<14}{'ms':>9}{'TFLOP/s':>9}{'loss off':>10}{'gradient off':>14}\n"
    )
    for side in (128,) if quick else (256, 512, 1024, 2048):
        exact: Evaluation | None = None
        for name, way in WAYS.items():
            way.switch_on()
            network = FeatureNetwork(model, ATELIER.padding, way.precision)
            found, seconds = evaluate(network, side, 2 if quick else 10)
            exact = exact or found
            loss = abs(found.losses.total / exact.losses.total - 1)
            gradient = float(tf.norm(found.gradient - exact.gradient) / tf.norm(exact.gradient))
            speed = operations(side * 3 // 4, side) / seconds / 1e12
            sys.stdout.write(
                f"{side:>5} {name:<14}{seconds * 1e3:>9.1f}{speed:>9.2f}{loss:>10.1e}"
                f"{gradient:>14.1e}\n"
            )


if __name__ == "__main__":
    main()
