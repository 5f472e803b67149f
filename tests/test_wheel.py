"""What is installed: the program and its data, and nothing that only makes or tests them."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import grimp
import pytest

PROJECT = Path(__file__).parents[1]
PACKAGES = ("bot", "core")
COMMANDS = (
    "bot.__main__",
    "core.__main__",
    "bot.engines.child",
    "bot.studio.pictures.decoder_child",
)
"""What is run by its name."""
FOR_TRANSLATORS = {".po", ".pot"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names in a wheel, built as pip builds it, from a copy of the whole project."""
    copy, out = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("wheel")
    for file in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(PROJECT / file, copy)
    unclean = shutil.ignore_patterns("__pycache__")
    for folder in (*PACKAGES, "tools", "tests", "benchmarks"):
        shutil.copytree(PROJECT / folder, copy / folder, ignore=unclean)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(out)], cwd=copy, check=True, capture_output=True
    )
    [path] = out.glob("*.whl")
    with ZipFile(path) as archive:
        return frozenset(archive.namelist())


def test_it_holds_only_the_two_packages_and_their_description(wheel: frozenset[str]) -> None:
    roots = {name.partition("/")[0] for name in wheel}
    [description] = roots - set(PACKAGES)
    assert description.endswith(".dist-info")
    for licence in ("LICENSE", "NOTICE"):
        assert f"{description}/licenses/{licence}" in wheel


def test_all_code_and_data_are_there(wheel: frozenset[str]) -> None:
    ours = {
        path.relative_to(PROJECT).as_posix()
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and path.suffix not in FOR_TRANSLATORS and "__pycache__" not in path.parts
    }
    assert {name for name in wheel if name.startswith(PACKAGES)} == ours
    for data in (
        "bot/demo/samples/content.jpg",
        "bot/gallery/pictures/starlight.jpg",
        "bot/words/locales/de/LC_MESSAGES/atelier.mo",
        "core/start/saved_model/saved_model.pb",
        "core/weights/vgg19.npz",
    ):
        assert data in wheel


def test_all_code_serves_the_program() -> None:
    """A painter, converter, test or page builder would be a module that no command imports."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    used: set[str] = set()
    new = set(COMMANDS)
    while new:
        used |= new
        imported = {
            other for name in new for other in graph.find_modules_directly_imported_by(name)
        }
        parents = {name.rpartition(".")[0] for name in new} - {""}
        new = (imported | parents) - used
    # Alembic reads the migrations from their files.
    unused = {name for name in graph.modules - used if ".migrations." not in name}
    assert unused == set()
