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
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import PIL.Image
from tqdm import tqdm

import core
from core.errors import AtelierError
from core.images import encode_jpeg, encode_png
from core.interrupt import Interrupt
from core.notes import Note
from core.options import SECONDS, Options
from core.quiet import quiet_start
from core.steps import Painting, Step

FAULT: Final = 2
"""Exit status for input or options that cannot be used."""

INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells have it."""

COMING_AND_GOING: Final = 1.2
"""Seconds that the process takes before it can look at a clock, and after the painting."""

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp")
"""What OUT may end in; it decides the format."""


class _Fault(Exception):
    """Something on the command line that cannot be used; one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `python -m core`.

    Args:
        arguments: those after the program's name; those of this process if None.

    Returns:
        The exit status: 0, `FAULT` or `INTERRUPTED`.
    """
    parsed = _parser().parse_args(arguments)
    try:
        with Interrupt() as interrupt:
            return _paint(parsed, interrupt)
    except (AtelierError, _Fault) as error:
        print(f"python -m core: {error}", file=sys.stderr)  # noqa: T201 (this is its output)
        return FAULT
    except KeyboardInterrupt:
        print("python -m core: interrupted; nothing was saved.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED


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
        help=f"where the painting goes, ending in one of {' '.join(SUFFIXES)} "
        "(default: CONTENT-by-STYLE.jpg beside CONTENT, numbered if that exists; "
        "an OUT that is named is overwritten)",
    )
    types = get_type_hints(Options)
    for option in fields(Options):
        hint = types[option.name]
        own = next(kind for kind in (get_args(hint) or (hint,)) if kind is not type(None))
        about = dict(option.metadata)
        text, kind = about.pop("help"), about.pop("kind", own)
        default = about.pop("open", "the recipe's own")
        if option.default is not None:
            default = str(option.default)
        parser.add_argument(
            f"--{option.name.replace('_', '-')}",
            type=kind,
            default=option.default,
            help=f"{text} (default: {default})",
            **about,
        )
    parser.add_argument(
        "--json", action="store_true", help="print a report as JSON on standard output"
    )
    return parser


def _paint(parsed: argparse.Namespace, interrupt: Interrupt) -> int:
    began = time.monotonic()
    # Pillow warns of damage that it can read past; nobody can act on that here.
    warnings.filterwarnings("ignore", module="PIL")
    options = Options(**{option.name: getattr(parsed, option.name) for option in fields(Options)})
    out = _out(parsed)
    content = _open(parsed.content)
    styles = [_open(style) for style in parsed.style]
    with quiet_start():
        # Asking for the device is what makes TensorFlow look for one.
        core.Painter().describe()
    if options.seconds is not None:
        # Who asks for a time means that of the command; TensorFlow's start is part of it.
        left = options.seconds - (time.monotonic() - began) - COMING_AND_GOING
        options = replace(options, seconds=max(SECONDS[0], left))
    # Keras reports its download on standard output, which belongs to the report.
    with redirect_stdout(sys.stderr), tqdm(unit="it", leave=False, disable=None) as bar:

        def on_step(step: Step) -> None:
            interrupt.check()
            _show(bar, step)

        painting = core.stylize(content, styles, options, on_step=on_step)
    _save(painting.image, out)
    if parsed.json:
        print(json.dumps(_report(parsed, options, out, painting), indent=2))  # noqa: T201
        return 0
    if painting.note is not None:
        print(painting.note, file=sys.stderr)  # noqa: T201
    if sys.stderr.isatty():
        print(f"{out} ({painting.elapsed:.0f} s)", file=sys.stderr)  # noqa: T201
    return 0


def _open(path: str) -> PIL.Image.Image:
    try:
        return core.open_image(path)
    except OSError as error:
        raise _Fault(f"{path}: {error.strerror or error}.") from error
    except core.ImageError as error:
        raise _Fault(f"{path}: {error}") from error


def _out(parsed: argparse.Namespace) -> Path:
    """Decides where the painting goes, and makes sure before the work that it can."""
    if parsed.out is None:
        folder = Path(parsed.content).parent
        stem = f"{Path(parsed.content).stem}-by-{Path(parsed.style[0]).stem}"
        out = folder / f"{stem}.jpg"
        number = 2
        while out.exists():
            out = folder / f"{stem}-{number}.jpg"
            number += 1
    else:
        out = Path(parsed.out)
    if out.suffix.lower() not in SUFFIXES:
        raise _Fault(f"{out} must end in one of {' '.join(SUFFIXES)}.")
    if out.is_dir():
        raise _Fault(f"{out} is a directory.")
    if not out.parent.is_dir():
        raise _Fault(f"{out.parent} is not a directory.")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise _Fault(f"{out} cannot be written.")
    return out


def _show(bar: tqdm[Any], step: Step) -> None:
    bar.total = step.iterations
    bar.set_postfix_str(f"loss {step.losses.total:.4g}", refresh=False)
    bar.update(step.iteration - bar.n)


def _save(image: PIL.Image.Image, out: Path) -> None:
    """Writes the picture beside OUT and renames it, so that OUT is never half a picture."""
    partial = out.with_name(f".{out.name}.part")
    try:
        match out.suffix.lower():
            case ".jpg" | ".jpeg":
                partial.write_bytes(encode_jpeg(image))
            case ".png":
                partial.write_bytes(encode_png(image))
            case suffix:
                image.save(partial, PIL.Image.registered_extensions()[suffix])
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _Fault(f"{out} could not be written: {error.strerror or error}.") from error


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
