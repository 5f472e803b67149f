"""Makes an environment smaller for the image: `python -m tools.image.slim ENVIRONMENT`.

Goes what painting never opens: mostly TensorFlow's headers, symbols for debuggers, and tests. The
same painting is made before and after, and has to be the same to the byte. What is imported for it
and by the bot is compiled on the way; the rest, thousands of modules, is not. Licences stay.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.image.licences import is_licence

UNUSED_DISTRIBUTIONS: Final = ("grpcio", "libclang", "pip")
"""TensorFlow asks for the first two and imports neither to paint; nothing more is installed."""

UNUSED_FILES: Final = (
    "tensorflow/include/**/*",  # headers, for whoever compiles against it
    "tensorflow/compiler/mlir/stablehlo/stablehlo_extension.so",
    "tensorflow/compiler/tf2xla/ops/_xla_ops.so",
    "**/tests/**/*",
    "**/*.pyc",
)
WITH_SYMBOLS: Final = (
    # Wheels whose libraries were patched after they were linked do not survive strip; these do.
    "tensorflow/libtensorflow_cc.so.2",
    "tensorflow/libtensorflow_framework.so.2",
    "tensorflow/python/profiler/internal/_pywrap_profiler_plugin.so",
    "asyncpg/protocol/protocol.*.so",
)
"""Below the folder of packages, as `Path.glob` takes them."""

_PAINT: Final = """
import sys
from bot.demo.demonstration import CONTENT, STYLE
from core.cli import main
sys.exit(main([str(CONTENT), str(STYLE), "--size", "128", "-o", sys.argv[1]]))
"""
_IMPORT_ALL: Final = """
import importlib, pkgutil, bot, core
for package in (bot, core):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make an environment smaller; the exit code says whether it still paints the same."""
    parser = argparse.ArgumentParser(prog="python -m tools.image.slim", description=__doc__)
    parser.add_argument("environment", type=Path, help="a virtual environment with Atelier in it")
    options = parser.parse_args(arguments)
    python = options.environment / "bin" / "python"
    packages = packages_of(options.environment)
    sys.stdout.write(f"{size(options.environment) / 1e6:.0f} MB before\n")
    before = painting(python)
    slim(packages)
    if painting(python) != before:
        sys.stderr.write("What is left paints something else.\n")
        return 1
    _run(python, "-c", _IMPORT_ALL)
    sys.stdout.write(f"{size(options.environment) / 1e6:.0f} MB after\n")
    return 0


def packages_of(environment: Path) -> Path:
    """The folder of packages of a virtual environment for this version of Python."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))


def slim(packages: Path) -> None:
    """Remove what is unused below a folder of packages, and strip what has symbols."""
    for path in [*_of_distributions(packages, UNUSED_DISTRIBUTIONS), *_unused(packages)]:
        path.unlink(missing_ok=True)
    for folder in sorted(packages.rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    for path in _found(packages, WITH_SYMBOLS):
        # Debian's binutils, wherever they are.
        subprocess.run(["strip", "--strip-unneeded", path], check=True)  # noqa: S603, S607


def _of_distributions(packages: Path, names: Sequence[str]) -> Iterator[Path]:
    for distribution in distributions(path=[str(packages)]):
        if distribution.name in names:
            paths = [Path(str(distribution.locate_file(f))) for f in distribution.files or ()]
            # Scripts lie elsewhere, and weigh nothing.
            yield from (path for path in paths if packages in path.parents)


def _unused(packages: Path) -> Iterator[Path]:
    found = _found(packages, UNUSED_FILES)
    return (path for path in found if path.is_file() and not is_licence(path))


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(
        path.lstat().st_size for path in folder.rglob("*") if path.is_file() or path.is_symlink()
    )


def painting(python: Path) -> str:
    """What an environment paints of the samples that ship, as a digest of the file."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "painting.png"
        _run(python, "-c", _PAINT, made)
        return hashlib.sha256(made.read_bytes()).hexdigest()


def _run(python: Path, *arguments: str | Path) -> None:
    # Isolated: what is installed is meant, not what lies in the folder where this is run.
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    subprocess.run([python, "-I", *arguments], env=environment, check=True)  # noqa: S603 (nobody's input)


def _found(packages: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from list(packages.glob(pattern))


if __name__ == "__main__":
    sys.exit(main())
