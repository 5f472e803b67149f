"""How exactly the feature network computes, and how exactly this machine had best do it.

Losses, gradients by the picture and the minimisation are always in float32. What may be coarser
are the features on the way there: in bfloat16, which has float32's range, so that no sum of
squares overflows, but 8 bits of it (Kalamkar et al., "A Study of BFLOAT16 for Deep Learning
Training", 2019). Processors with instructions for it take little more than half the time.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

CPU_INFO: Final = Path("/proc/cpuinfo")
"""Where Linux says what the processor can do."""

_NATIVE: Final = frozenset({"amx_bf16", "avx512_bf16"})
"""Linux' names of the x86 instructions that multiply bfloat16 numbers."""


class Precision(Enum):
    """A number format of the features, by TensorFlow's name for it."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


def fastest(*, gpu: bool, cpu_info: Path = CPU_INFO) -> Precision:
    """The format in which this machine computes features fastest, without visible loss.

    On a GPU that is float32, for which TensorFlow uses TF32 by itself; on a processor it
    depends on its instructions. Where they cannot be known it is float32, too.

    Args:
        gpu: whether it computes on one.
        cpu_info: a file as Linux has it.
    """
    if gpu:
        return Precision.FLOAT32
    try:
        words = cpu_info.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return Precision.FLOAT32
    return Precision.FLOAT32 if _NATIVE.isdisjoint(words) else Precision.BFLOAT16
