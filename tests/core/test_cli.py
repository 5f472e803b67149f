from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
from dataclasses import fields
from pathlib import Path

import PIL.Image
import pytest

import core
from core.cli import main

DATA = Path(__file__).parents[1] / "data"
QUICK = ("--size", "32", "--iterations", "2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("chelsea.jpg", "astronaut.jpg"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    return tmp_path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core", *map(str, arguments)],
        # A backend that is not installed.
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_a_painting_with_its_report_whatever_keras_is_set_to(folder: Path) -> None:
    content, style = folder / "chelsea.jpg", folder / "astronaut.jpg"
    done = run(content, style, "--json", "--size", "40", "--iterations", "3", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "neither a bar without a terminal nor TensorFlow's chatter"
    report = json.loads(done.stdout)
    out = folder / "chelsea-by-astronaut.jpg"
    assert report["out"] == str(out)
    assert (report["width"], report["height"]) == (40, 27)
    assert report["iterations"] == 3
    assert len(report["history"]) == 3
    assert report["history"][-1] == report["losses"]
    assert set(report["losses"]) == {"content", "style", "variation", "total"}
    assert report["options"]["seed"] == 7
    assert report["elapsed"] > 0
    assert report["note"] is None
    with PIL.Image.open(out) as painting:
        assert painting.format == "JPEG"
        assert painting.size == (40, 27)


def test_the_default_out_is_never_overwritten_and_a_named_one_is(
    folder: Path, painter: core.Painter
) -> None:
    content, style = str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg")
    first = folder / "chelsea-by-astronaut.jpg"
    first.write_bytes(b"mine")
    for _ in range(2):
        assert main([content, style, *QUICK], painter=painter) == 0
    assert first.read_bytes() == b"mine"
    for number in (2, 3):
        assert core.open_image(folder / f"chelsea-by-astronaut-{number}.jpg").size[0] == 32
    assert main([content, style, *QUICK, "-o", str(first)], painter=painter) == 0
    assert core.open_image(first).size[0] == 32
    assert sorted(path.name for path in folder.iterdir()) == [
        "astronaut.jpg",
        "chelsea-by-astronaut-2.jpg",
        "chelsea-by-astronaut-3.jpg",
        "chelsea-by-astronaut.jpg",
        "chelsea.jpg",
    ]


@pytest.mark.parametrize(("suffix", "format_name"), [("png", "PNG"), ("webp", "WEBP")])
def test_out_decides_the_format(
    folder: Path, painter: core.Painter, suffix: str, format_name: str
) -> None:
    out = folder / f"painted.{suffix}"
    arguments = [str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg"), "-o", str(out)]
    assert main([*arguments, *QUICK], painter=painter) == 0
    with PIL.Image.open(out) as painting:
        assert painting.format == format_name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{content}", "{style}", "--size", "7"), "size must be a whole number from 32"),
        (
            ("{content}", "{style}", "--iterations", "-1"),
            "iterations must be a whole",
        ),
        (("{content}", "{style}", "--recipe", "soup"), "recipe must be one of"),
        (("{content}", "{style}", "--style-weight", "nan"), "style_weight must be"),
        (("{content}", "{style}", "--weights", "none.h5"), "no weights file none.h5"),
        (("{content}", "{folder}/none.jpg"), "No such file"),
        (("{content}", "{folder}"), "Is a directory"),
        (("{content}", "{text}"), "not a picture"),
        (("{content}", "{style}", "-o", "{folder}/none/out.jpg"), "is not a directory"),
        (("{content}", "{style}", "-o", "{folder}/out.xyz"), "must end in one of"),
        (("{content}", "{style}", "-o", "{folder}/out"), "must end in one of"),
        (("{content}", "{style}", "-o", "{folder}/" + 300 * "a" + ".jpg"), "File name too long"),
        ((300 * "a", "{style}"), "File name too long; say by -o where the painting goes."),
        (("{long}", "{style}"), "File name too long; say by -o where the painting goes."),
        (("{pipe}", "{style}"), "is not a file; say by -o where the painting goes."),
    ],
)
def test_what_cannot_be_used_is_answered_by_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    text = folder / "text.jpg"
    text.write_text("hello")
    long, pipe = folder / f"{240 * 'a'}.jpg", folder / "pipe.jpg"
    shutil.copy(folder / "chelsea.jpg", long)
    os.mkfifo(pipe)
    before = sorted(folder.iterdir())
    filled = [
        argument.format(
            content=folder / "chelsea.jpg",
            style=folder / "astronaut.jpg",
            folder=folder,
            text=text,
            long=long,
            pipe=pipe,
        )
        for argument in arguments
    ]
    assert main(filled) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_wrong_usage_is_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["only-one.jpg"])
    assert caught.value.code == 2
    assert "STYLE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "way"),
    [
        (["--keep-colours"], "luminance"),
        (["--keep"], "luminance"),
        (["--keep-colours", "match"], "match"),
        (["--keep-colours=match"], "match"),
    ],
)
def test_keeping_colours_leaves_the_photo_where_it_is(
    folder: Path,
    painter: core.Painter,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    way: str,
) -> None:
    names = [str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg")]
    assert main([*words, *names, "--json", *QUICK], painter=painter) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["content"] == names[0]
    assert report["options"]["keep_colours"] == way
    assert main([*QUICK, *names, *words, "--json"], painter=painter) == 0


def test_a_report_that_nobody_reads_is_no_fault(
    folder: Path,
    painter: core.Painter,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        names = [str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg")]
        assert main([*names, "--json", *QUICK], painter=painter) == 0
    assert capsys.readouterr().err == ""
    assert (folder / "chelsea-by-astronaut.jpg").exists()


def test_a_report_that_cannot_be_written_is_one(
    folder: Path,
    painter: core.Painter,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg")]
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main([*names, "--json", *QUICK], painter=painter) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (folder / "chelsea-by-astronaut.jpg").exists()


def test_a_painting_that_finds_no_room_is_kept_elsewhere(
    folder: Path,
    painter: core.Painter,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    elsewhere, full = folder / "elsewhere", folder / "full.png"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    full.symlink_to("/dev/full")
    names = [str(folder / "chelsea.jpg"), str(folder / "astronaut.jpg")]
    assert main([*names, "--json", "-o", str(full), *QUICK], painter=painter) == 2
    captured = capsys.readouterr()
    (kept,) = elsewhere.iterdir()
    assert core.open_image(kept).size[0] == 32
    assert json.loads(captured.out)["out"] == str(kept)
    assert f"No space left on device; the painting is in {kept}." in captured.err
    assert captured.err.count("\n") == 1


def test_help_names_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    for option in fields(core.Options):
        assert f"--{option.name.replace('_', '-')} " in words
    assert "(default: atelier)" in words
    assert "(default: shipped)" in words


def test_on_a_terminal_a_bar_is_shown_and_ctrl_c_ends_cleanly(folder: Path) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "core", folder / "chelsea.jpg", folder / "astronaut.jpg"),
            *("--size", "64", "--iterations", "5000"),
        ],
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while b"loss " not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # Linux ends a terminal by an error.
            while more := os.read(ours, 4096):
                shown += more
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"/5000" in shown
    assert b"Traceback" not in shown
    assert shown.rstrip().endswith(b"python -m core: interrupted; nothing was saved.")
    assert process.returncode == 130
    assert len(list(folder.iterdir())) == 2
