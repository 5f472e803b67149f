import sys
from pathlib import Path

import pytest

from bot.engines import devices as module
from bot.engines.devices import Device, DeviceError, devices, visible_gpus


def program(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH, on a machine on which nobody chose GPUs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def tensorflow_with(gpus: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the interpreter that is asked about TensorFlow be one that sees so many GPUs."""
    program(folder, "python", gpus)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def test_the_processor_is_taken_and_none_is_none(path: Path) -> None:
    assert devices("cpu") == [Device()]
    assert devices(()) == []
    assert list(path.iterdir()) == []


def test_gpus_that_are_named_are_taken_if_they_are_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(path, "nvidia-smi", "echo 'GPU 0: A'; echo 'GPU 1: B'; echo 'GPU 3: C'")
    tensorflow_with("[ $CUDA_VISIBLE_DEVICES = 0,3 ] && echo 'GPUs: 2'", path, monkeypatch)
    assert devices((0, 3)) == [Device("0"), Device("3")]


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        ("echo 'GPU 0: A'; echo 'GPU 1: B'", "this machine has the GPUs 0, 1: name those, or"),
        ("echo No devices were found", "this machine has no GPU: name cpu, or set auto."),
    ],
)
def test_a_gpu_that_is_not_listed_is_refused_and_nobody_asks_tensorflow(
    path: Path, monkeypatch: pytest.MonkeyPatch, listing: str, says: str
) -> None:
    program(path, "nvidia-smi", listing)
    tensorflow_with("echo 'GPUs: 9'", path, monkeypatch)
    with pytest.raises(DeviceError, match=f"^ENGINE_DEVICES names GPU 7, and {says}"):
        devices((0, 7) if "0" in listing else (7,))


@pytest.mark.parametrize(
    ("tool", "answer", "says"),
    [
        ("exit 9", "echo 'GPUs: 0'", "none of that"),
        (None, "exit 1", "none of that"),
        ("echo 'GPU 0: A'; echo 'GPU 1: B'", "echo 'GPUs: 1'", "1 of that"),
    ],
)
def test_gpus_that_tensorflow_cannot_use_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, tool: str | None, answer: str, says: str
) -> None:
    if tool is not None:
        program(path, "nvidia-smi", tool)
    tensorflow_with(answer, path, monkeypatch)
    with pytest.raises(DeviceError, match=f"names GPU 0, 1, and TensorFlow can use {says}"):
        devices((0, 1))


def test_each_device_hides_the_others_from_tensorflow() -> None:
    assert Device().environment["CUDA_VISIBLE_DEVICES"] == "-1"
    assert Device("3").environment["CUDA_VISIBLE_DEVICES"] == "3"
    assert Device("3").environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert (Device().name, Device("3").name) == ("CPU", "GPU 3")
    assert (Device().image_size, Device("3").image_size) == (512, 1024)


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("", []),
        ("-1", []),
        ("0", ["0"]),
        ("2, 0", ["2", "0"]),
        ("0,-1,1", ["0"]),
        ("GPU-8", ["GPU-8"]),
    ],
)
def test_a_choice_in_the_environment_counts(chosen: str, names: list[str]) -> None:
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": chosen}) == names


def test_nvidia_smi_lists_the_gpus(path: Path) -> None:
    listing = "GPU 0: NVIDIA A (UUID: GPU-1)\nGPU 1: NVIDIA B (UUID: GPU-2)"
    program(path, "nvidia-smi", f"[ $1 = -L ] && echo '{listing}'")
    assert visible_gpus({}) == ["0", "1"]


@pytest.mark.parametrize("text", ["exit 9", "echo No devices were found"])
def test_a_driver_that_does_not_answer_offers_nothing(path: Path, text: str) -> None:
    program(path, "nvidia-smi", text)
    assert visible_gpus({}) == []
    assert devices("auto") == [Device()]


def test_without_gpus_the_processor_paints_and_nobody_asks_tensorflow(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert devices("auto") == [Device()]
    assert list(path.iterdir()) == []


def test_auto_takes_every_gpu_that_tensorflow_can_use(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(path, "nvidia-smi", "echo 'GPU 0: A'; echo 'GPU 1: B'")
    tensorflow_with("echo chatter; echo 'GPUs: 2'", path, monkeypatch)
    assert devices("auto") == [Device("0"), Device("1")]


@pytest.mark.parametrize("answer", ["echo 'GPUs: 0'", "exit 1", "echo nothing"])
def test_gpus_that_tensorflow_cannot_use_are_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    program(path, "nvidia-smi", "echo 'GPU 0: A'")
    tensorflow_with(answer, path, monkeypatch)
    assert devices("auto") == [Device()]


def test_the_question_to_tensorflow_can_be_answered_here() -> None:
    assert module._usable_gpus(["-1"]) == 0
