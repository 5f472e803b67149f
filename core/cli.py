"""The command line: one painting from two files."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, fields, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import PIL.Image
from tqdm import tqdm

import core
from core import output
from core.errors import AtelierError
from core.interrupt import Interrupt
from core.notes import Note
from core.options import COLOURS, SECONDS, Options
from core.quiet import quiet_start
from core.steps import Painting, Step

FAULT: Final = 2
"""Exit status for input or options that cannot be used, and if OUT could not be written."""

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""

COMING_AND_GOING: Final = 1.2
"""Seconds that the process takes before it can look at a clock, and after the painting."""


class _InputError(AtelierError):
    """A picture on the command line cannot be opened."""


def main(arguments: Sequence[str] | None = None, *, painter: core.Painter | None = None) -> int:
    """Runs `python -m core`.

    Args:
        arguments: those after the program's name; those of this process if None.
        painter: which paints; one of its own if None.

    Returns:
        The exit status: 0, `FAULT` or `INTERRUPTED`.
    """
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by whoever called
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    given = sys.argv[1:] if arguments is None else arguments
    try:
        parsed = _parser().parse_args(_spelled_out(given))
    except SystemExit:
        # What argparse has printed may not have come through yet.
        if status := _print(""):
            return status
        raise
    try:
        with Interrupt() as interrupt:
            return _paint(parsed, interrupt, painter)
    except AtelierError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        _fail("interrupted; nothing was saved.")
        return INTERRUPTED
    except core.OUT_OF_MEMORY:
        return _fail("there is too little memory for that; a smaller --size takes less.")


def _fail(message: str) -> int:
    print(f"python -m core: {message}", file=sys.stderr)  # noqa: T201 (this is its output)
    return FAULT


def _print(text: str) -> int:
    """Prints, at once, unless whoever was to read it has gone; returns the exit status."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return _fail(f"standard output cannot be written: {error.strerror}.")
    return 0


def _spelled_out(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the way of keeping colours where none is named.

    argparse would take the photo's name for it.
    """
    names = arguments.index("--") if "--" in arguments else len(arguments)
    return [
        f"--keep-colours={COLOURS[0]}"
        if place < names
        and len(argument) > 2
        and "--keep-colours".startswith(argument)
        and following not in COLOURS
        else argument
        for place, (argument, following) in enumerate(zip_longest(arguments, arguments[1:]))
    ]


def _parser() -> argparse.ArgumentParser:
    """One option for each field of `Options`, with its words and its default."""
    parser = argparse.ArgumentParser(
        prog="python -m core", description="Paint one picture in the manner of another."
    )
    parser.add_argument("content", metavar="CONTENT", help="the photo to paint")
    parser.add_argument(
        "style",
        metavar="STYLE",
        nargs="+",
        help="the picture whose manner to paint it in; several are blended",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="OUT",
        help=f"where the painting goes, ending in one of {' '.join(output.SUFFIXES)} "
        "(default: CONTENT-by-STYLE.jpg beside CONTENT, numbered if that exists; "
        "an OUT that is named is overwritten)",
    )
    for name, default, about in Options.described():
        words = about.pop("open", "the recipe's own") if default is None else default
        about["help"] += f" (default: {words})"
        parser.add_argument(f"--{name.replace('_', '-')}", default=default, **about)
    parser.add_argument(
        "--json", action="store_true", help="print a report as JSON on standard output"
    )
    return parser


def _paint(parsed: argparse.Namespace, interrupt: Interrupt, painter: core.Painter | None) -> int:
    began = time.monotonic()
    # Pillow warns of damage that it can read past; nobody can act on that here.
    warnings.filterwarnings("ignore", module="PIL")
    options = Options(**{option.name: getattr(parsed, option.name) for option in fields(Options)})
    out = output.choose(parsed.out, parsed.content, parsed.style[0])
    content = _open(parsed.content)
    styles = [_open(style) for style in parsed.style]
    with quiet_start():
        painter = painter or core.Painter()
        # Asking for the device is what makes TensorFlow look for one.
        painter.describe()
    if options.seconds is not None:
        # Who asks for a time means that of the command; TensorFlow's start is part of it.
        left = options.seconds - (time.monotonic() - began) - COMING_AND_GOING
        options = replace(options, seconds=max(SECONDS[0], left))
    # Keras reports its download on standard output, which belongs to the report.
    with redirect_stdout(sys.stderr), tqdm(unit="it", leave=False, disable=None) as bar:

        def on_step(step: Step) -> None:
            interrupt.check()
            _show(bar, step)

        painting = core.stylize(content, styles, options, on_step=on_step, painter=painter)
    saved = output.save(painting.image, out)
    status = 0
    if parsed.json:
        report = _report(parsed, options, saved.path, painting)
        status = _print(json.dumps(report, indent=2) + "\n")
    elif painting.note is not None:
        print(painting.note, file=sys.stderr)  # noqa: T201
    if saved.fault is not None:
        return _fail(f"{saved.fault}; the painting is in {saved.path}.")
    if not parsed.json and sys.stderr.isatty():
        print(f"{out} ({painting.elapsed:.0f} s)", file=sys.stderr)  # noqa: T201
    return status


def _open(path: str) -> PIL.Image.Image:
    try:
        return core.open_image(path)
    except OSError as error:
        raise _InputError(f"{path}: {error.strerror or error}.") from error
    except core.ImageError as error:
        raise _InputError(f"{path}: {error}") from error


def _show(bar: tqdm[Any], step: Step) -> None:
    bar.total = step.iterations
    bar.set_postfix_str(f"loss {step.losses.total:.4g}", refresh=False)
    bar.update(step.iteration - bar.n)


def _report(
    parsed: argparse.Namespace, options: Options, out: Path, painting: Painting
) -> dict[str, object]:
    return {
        "content": parsed.content,
        "style": parsed.style[0],
        "styles": parsed.style,
        "out": str(out),
        "width": painting.image.width,
        "height": painting.image.height,
        "iterations": painting.iterations,
        "elapsed": painting.elapsed,
        "note": _remark(painting.note),
        "losses": asdict(painting.losses),
        "history": [asdict(losses) for losses in painting.history],
        "options": asdict(options),
    }


def _remark(note: Note | None) -> dict[str, str] | None:
    return None if note is None else {"kind": note.kind, "text": str(note)}
