"""How soon the seed recipe's loss is reached: `python -m benchmarks.seed_loss`.

The seed recipe paints its 20 iterations; `seed-fast` paints the same pictures at the same size,
and its points are then measured by the seed recipe's own loss, in float32. Seconds are those of the
steps, with warm graphs; `share` is the part of the seed's time after which its last loss was
reached. `--precision` is that of `seed-fast`, as for `python -m core`.
"""

import argparse
import sys
import time
from statistics import median

import tensorflow as tf

import core
from benchmarks.peers_env import Pair, prepare
from core.features import FeatureNetwork, load_vgg19
from core.objective import Objective, Weights
from core.recipes import SEED
from core.tensors import tensor
from core.whole_objective import WholeObjective

FULL = 256
QUICK = 96


def timed(
    painter: core.Painter, pair: Pair, options: core.Options
) -> list[tuple[float, core.Step]]:
    """The steps, with the seconds after which each came."""
    content, style = core.open_image(pair.content), core.open_image(pair.style)
    began = time.perf_counter()
    return [(time.perf_counter() - began, step) for step in painter.paint(content, style, options)]


def compare(painter: core.Painter, objective: Objective, pair: Pair, fast: core.Options) -> float:
    """One row of the table; returns the seed's time in units of ours, 0 if we never got there."""
    seed = timed(painter, pair, core.Options(recipe="seed", size=fast.size))
    seconds, last = seed[-1]
    goal = last.losses.total
    first = [step for _, step in seed if step.iteration == 1][-1]
    del seed
    photo, style = (
        tensor(core.open_image(path), last.image.size, nearest=True)
        for path in (pair.content, pair.style)
    )
    targets = objective.targets(photo, objective.statistics(style))
    weights = Weights(SEED.content_weight, SEED.style_weight, SEED.variation_weight)
    reached = None
    for elapsed, step in timed(painter, pair, fast):
        if step.losses.total > goal or step.state is None:
            continue  # it leaves small parts out, so the whole is higher still
        point = tf.constant(step.state().point)
        if objective.evaluate(point, targets, weights).losses.total <= goal:
            reached = elapsed
            break
    times = seconds / reached if reached else 0.0
    sys.stdout.write(
        f"{pair.name:<26}{first.losses.total:>11.3g}{goal:>11.3g}{seconds:>9.1f}"
        f"{f'{reached:.1f}' if reached else 'never':>13}"
        f"{f'1/{times:.1f}' if times else 'none':>9}\n"
    )
    sys.stdout.flush()
    return times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--precision", default="auto")
    chosen = parser.parse_args()
    size = QUICK if chosen.quick else FULL
    fast = core.Options(recipe="seed-fast", size=size, precision=chosen.precision)
    peers = prepare()
    painter = core.Painter()
    for options in (core.Options(recipe="seed"), fast):
        painter.warm(options)
    objective = WholeObjective(FeatureNetwork(load_vgg19(), SEED.padding), SEED)
    sys.stdout.write(f"The seed recipe's own loss, long side {size} px\n")
    sys.stdout.write(
        f"{'pair':<26}{'1st iter.':>11}{'20th':>11}{'seed s':>9}{'seed-fast s':>13}{'share':>9}\n"
    )
    pairs = peers.pairs[: 2 if chosen.quick else 3]
    times = [compare(painter, objective, pair, fast) for pair in pairs]
    sys.stdout.write(f"median share of the time: 1/{median(times):.1f}\n")


if __name__ == "__main__":
    main()
