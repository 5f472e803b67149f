"""Command lines as nobody types them."""

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from hypothesis import strategies as st
from PIL import Image

import bot.__main__
import core
import core.cli
from bot.settings import Settings
from core.options import Options

_ODD: Final = st.one_of(
    st.text(st.characters(exclude_characters="\0"), max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        (
            *(
                "",
                "-",
                "--",
                "=",
                "\udcff",
                ".",
                "..",
                "/",
                "~",
                "-1",
                "1e999",
                "0x10",
            ),
            *("/dev/null", "/dev/zero/x", "//", "nan", "inf", "-inf", "٣", "1_000", "a" * 300),
        )
    ),
)
_CORE_NAMES: Final = tuple(f"--{name.replace('_', '-')}" for name, _, _ in Options.described())
_FILES: Final = ("content.jpg", "style.png", "text.jpg", "missing.jpg", "folder", "folder/x.jpg")


def _with_values(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    name = st.sampled_from(tuple(names))
    return st.one_of(
        name.map(lambda one: [one]),
        st.tuples(name, _ODD).map(list),
        st.tuples(name, _ODD).map(lambda pair: ["=".join(pair)]),
        name.map(lambda one: [one[:4]]),
    )


def _line(*parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.one_of(*parts), max_size=7).map(
        lambda found: [one for part in found for one in part]
    )


_ONE: Final = _ODD.map(lambda odd: [odd])
_FILE: Final = st.sampled_from(_FILES).map(lambda name: [name])

CORE: Final = _line(_with_values((*_CORE_NAMES, "-o", "--out", "--json", "-h")), _FILE, _FILE, _ONE)
BOT: Final = _line(
    st.sampled_from(("run", "check", "demo", "worker", "backup", "restore")).map(lambda c: [c]),
    _with_values(("--content", "--style", "--out", "--web", "--port", "--help", "-h")),
    _FILE,
    _ONE,
)


class Unpainted:
    """A painter that is asked for nothing but whether it would."""

    def describe(self) -> str:
        return "none"

    def paint(self, *_: object, **__: object) -> Any:  # noqa: ANN401 (it gives nothing)
        raise core.AtelierError("this painter paints nothing")


def core_main(arguments: Sequence[str]) -> int:
    painter: Any = Unpainted()
    return core.cli.main(arguments, painter=painter)


def bot_main(arguments: Sequence[str]) -> int:
    with patch("bot.demo.demonstration.main", return_value=0):
        return bot.__main__.main(arguments)


@contextlib.contextmanager
def some_files(folder: Path) -> Iterator[None]:
    """The folder with the files that the lines name, as the present one, and no settings."""
    for name in ("content.jpg", "style.png"):
        Image.new("RGB", (48, 48), "teal").save(folder / name)
    (folder / "folder").mkdir()
    (folder / "text.jpg").write_text("no picture")
    none = {name.upper(): "" for name in Settings.model_fields}
    with contextlib.chdir(folder), patch.dict(os.environ, none):
        yield


def run(main: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> None:
    """Run a command line, and see that it ends as they do: with 0, or 2 and a word about it."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    said = err.getvalue()
    assert code in {0, 2}, (code, said)
    assert "Traceback" not in said
    if code == 2:
        lines = [line for line in said.splitlines() if line.strip()]
        assert len(lines) == 1 or said.startswith("usage:"), said
