"""Which devices paint, found without importing TensorFlow into the bot."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot import memory
from bot.settings import EngineDevices

CPU_SIZE: Final = 512
GPU_SIZE: Final = 1024
CPU_LARGEST: Final = 2048
GPU_LARGEST: Final = 4096
GPU_SPEED: Final = 20.0

_NO_GPU: Final = "-1"
_COUNT_GPUS: Final = (
    "import tensorflow as tf; print('GPUs:', len(tf.config.list_physical_devices('GPU')))"
)


class DeviceError(Exception):
    """ENGINE_DEVICES asks for what is not there; the text says what is, in one line."""


@dataclass(frozen=True, slots=True)
class Device:
    """The processor (`gpu` is None) or one GPU, as `CUDA_VISIBLE_DEVICES` names it."""

    gpu: str | None = None

    @property
    def name(self) -> str:
        """In words, for logs and for people who run the bot."""
        return "CPU" if self.gpu is None else f"GPU {self.gpu}"

    @property
    def image_size(self) -> int:
        """Default long side of a painting in pixels."""
        return CPU_SIZE if self.gpu is None else GPU_SIZE

    @property
    def largest_size(self) -> int:
        """The longest side in pixels that people may ask for without keeping others waiting."""
        return CPU_LARGEST if self.gpu is None else GPU_LARGEST

    @property
    def speed(self) -> float:
        """How many times as fast as a processor it paints, roughly, until that is measured."""
        return 1.0 if self.gpu is None else GPU_SPEED

    @property
    def fitting_size(self) -> int:
        """The longest side in pixels that there is memory for now; a GPU has its own."""
        if self.gpu is not None:
            return GPU_LARGEST
        return memory.largest_size(memory.available())

    @property
    def environment(self) -> dict[str, str]:
        """What a process must find in its environment before it imports TensorFlow."""
        return {
            "CUDA_VISIBLE_DEVICES": _NO_GPU if self.gpu is None else self.gpu,
            # Otherwise CUDA counts from the fastest GPU, and nvidia-smi by slot.
            "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
            # TensorFlow would take all of the GPU's memory at once.
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "KERAS_BACKEND": "tensorflow",
        }


def devices(setting: EngineDevices) -> list[Device]:
    """Turn the setting ENGINE_DEVICES into devices: one or more, or none where it is no number.

    `auto` is every GPU that is visible, if TensorFlow can use GPUs here at all, else the
    processor. Only where there may be a GPU this takes some seconds: TensorFlow is asked, in a
    process of its own.

    Raises:
        DeviceError: a GPU that is named is not there, or TensorFlow cannot use it.
    """
    if setting == "cpu":
        return [Device()]
    if setting == "auto":
        visible = visible_gpus(os.environ)
        usable = visible and _usable_gpus(visible) >= len(visible)
        return [Device(gpu) for gpu in visible] if usable else [Device()]
    wanted = [str(number) for number in setting]
    if wanted:
        _insist_on(wanted)
    return [Device(gpu) for gpu in wanted]


def _insist_on(wanted: Sequence[str]) -> None:
    tool = shutil.which("nvidia-smi")
    listed = _listed_gpus(tool) if tool else None
    if listed is not None and (missing := [gpu for gpu in wanted if gpu not in listed]):
        there = f"the GPUs {', '.join(listed)}" if listed else "no GPU"
        raise DeviceError(
            f"ENGINE_DEVICES names GPU {missing[0]}, and this machine has {there}:"
            f" name {'those' if listed else 'cpu'}, or set auto."
        )
    # What nvidia-smi does not know, or cannot tell, TensorFlow does.
    if (usable := _usable_gpus(wanted)) < len(wanted):
        raise DeviceError(
            f"ENGINE_DEVICES names GPU {', '.join(wanted)}, and TensorFlow can use"
            f" {usable or 'none'} of that here: see to the driver and to requirements-gpu.lock,"
            " or set auto or cpu."
        )


def visible_gpus(environment: Mapping[str, str]) -> list[str]:
    """Name the NVIDIA GPUs that this process may use, as CUDA_VISIBLE_DEVICES does."""
    chosen = environment.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        names = [name.strip() for name in chosen.split(",")]
        # CUDA ignores whatever follows the first name that is not a device.
        end = next((i for i, name in enumerate(names) if not name or name == _NO_GPU), len(names))
        return names[:end]
    if tool := shutil.which("nvidia-smi"):
        return _listed_gpus(tool) or []
    nodes = (re.fullmatch(r"nvidia(\d+)", node.name) for node in Path("/dev").glob("nvidia*"))
    return sorted((node[1] for node in nodes if node), key=int)


def _listed_gpus(tool: str) -> list[str] | None:
    """The numbers of the GPUs that nvidia-smi knows; None if the driver does not answer."""
    try:
        listing = subprocess.run(  # noqa: S603 (found on the host's own PATH, no input in it)
            [tool, "-L"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return re.findall(r"^GPU (\d+):", listing.stdout, re.MULTILINE)


def _usable_gpus(names: Sequence[str]) -> int:
    """How many of these GPUs, named as CUDA_VISIBLE_DEVICES does, TensorFlow can use."""
    try:
        answer = subprocess.run(  # noqa: S603 (this interpreter, no input in it)
            [sys.executable, "-c", _COUNT_GPUS],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            env={**os.environ, **Device(",".join(names)).environment},
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    count = re.search(r"^GPUs: (\d+)$", answer.stdout, re.MULTILINE)
    return int(count[1]) if count else 0
