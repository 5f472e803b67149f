"""How near an evaluation comes to the machine's arithmetic: `python -m benchmarks.efficiency`.

Counted are the convolutions alone, two operations for each multiplication and addition: with k
input and n output channels, 3 x 3 x k x n for each place. The gradient by the picture costs each
convolution once more; weights have no gradient. So an evaluation costs 4 x 9 x k x n x places, to
be compared with what `tf.matmul` reaches on square matrices, in turns with it in one process; in
float32, and in bfloat16 if that is what Atelier computes features in on this machine.
Gram matrices, pooling, rectifying and the loss are work that the quotient counts as none.
"""

import argparse
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import tensorflow as tf

from core.features import FeatureNetwork, load_vgg19
from core.objective import Objective, Targets, Weights
from core.precision import Precision, fastest
from core.recipes import ATELIER
from core.whole_objective import WholeObjective

_CONVOLUTIONS = (
    *((1, 3, 64), (1, 64, 64), (2, 64, 128), (2, 128, 128), (3, 128, 256)),
    *((3, 256, 256),) * 3,
    *((4, 256, 512), *((4, 512, 512),) * 3, (5, 512, 512)),
)
"""Block, input and output channels, as far as block5_conv1."""

MATRIX = 2048


def operations(height: int, width: int) -> int:
    """Of one evaluation, forward and backward."""
    return sum(
        4 * 9 * inputs * outputs * (height >> block - 1) * (width >> block - 1)
        for block, inputs, outputs in _CONVOLUTIONS
    )


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    rounds = 3 if parser.parse_args().quick else 12
    model = load_vgg19()
    sys.stdout.write("One evaluation against a plain matrix product (medians, taken in turns)\n")
    sys.stdout.write(f"{'picture':<12}{'format':<10}")
    sys.stdout.write(f"{'seconds':>9}{'GFLOP/s':>9}{'product':>9}{'share':>8}\n")
    gpu = bool(tf.config.list_physical_devices("GPU"))
    for precision in dict.fromkeys((Precision.FLOAT32, fastest(gpu=gpu))):
        network = FeatureNetwork(model, ATELIER.padding, precision)
        _table(WholeObjective(network, ATELIER), precision, rounds)


def _table(objective: Objective, precision: Precision, rounds: int) -> None:
    """Print the rows of one format."""
    generator = np.random.default_rng(0)
    matrix = tf.cast(generator.normal(size=(MATRIX, MATRIX)), precision.value)
    multiply = tf.function(tf.matmul)
    for height, width in ((192, 256), (288, 384), (384, 512)):
        picture = tf.constant(generator.uniform(0, 255, (1, height, width, 3)).astype(np.float32))
        targets = objective.targets(picture, objective.statistics(picture[:, ::-1]))

        def evaluate(picture: tf.Tensor = picture, targets: Targets = targets) -> object:
            return objective.evaluate(picture, targets, Weights(0.1, 1, 0.02)).gradient.numpy()

        def product() -> object:
            return multiply(matrix, matrix)[0, 0].numpy()

        evaluate(), product()
        times = [(seconds(evaluate), seconds(product)) for _ in range(rounds)]
        ours = median(time for time, _ in times)
        rate = operations(height, width) / ours / 1e9
        plain = 2 * MATRIX**3 / median(time for _, time in times) / 1e9
        sys.stdout.write(
            f"{f'{width} x {height}':<12}{precision.value:<10}{ours:>9.3f}"
            f"{rate:>9.0f}{plain:>9.0f}{rate / plain:>8.0%}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
