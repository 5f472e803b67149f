"""What goes from the image and what stays, and what is written down of it."""

import json
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tools.image import materials
from tools.image.licences import is_licence
from tools.image.slim import packages_of, size, slim

GOES = [
    "tensorflow/include/tensorflow/core/op.h",
    "tensorflow/compiler/tf2xla/ops/_xla_ops.so",
    "numpy/_core/tests/test_one.py",
    "numpy/_core/tests/data/one.csv",
    "numpy/__pycache__/one.cpython-311.pyc",
    "clang/cindex.py",
    "libclang-18.1.1.dist-info/METADATA",
    "libclang-18.1.1.dist-info/LICENSE.TXT",
    "libclang-18.1.1.dist-info/RECORD",
]
STAYS = [
    "tensorflow/include/external/png/LICENSE",
    "tensorflow/__init__.py",
    "numpy/testing/__init__.py",
    "numpy/tests.py",
    "one-1.0.dist-info/METADATA",
    "one-1.0.dist-info/RECORD",
    "one-1.0.dist-info/licenses/COPYING",
]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in (*GOES, *STAYS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    for package in ("libclang-18.1.1", "one-1.0"):
        name, version = package.split("-")
        folder = tmp_path / f"{package}.dist-info"
        text = f"Name: {name}\nVersion: {version}\nLicense: Apache 2.0\n"
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\n{text}")
        own = [path for path in (*GOES, *STAYS) if path.startswith(package)]
        record = own if name == "one" else ["clang/cindex.py", "../../../bin/clang", *own]
        (folder / "RECORD").write_text("".join(f"{path},,\n" for path in record))
    return tmp_path


def test_only_what_is_unused_goes(packages: Path) -> None:
    before = size(packages)
    slim(packages)
    left = [path for path in packages.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(packages).as_posix() for path in left) == sorted(STAYS)
    assert size(packages) < before
    assert all(any(folder.iterdir()) for folder in packages.rglob("*/"))


def test_the_folder_of_packages_is_that_of_the_environment() -> None:
    environment = Path("/opt/atelier")
    assert packages_of(environment).relative_to(environment).parts[-1] == "site-packages"


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("LICENSE", True),
        ("licenses/src/one.txt", True),
        ("COPYING.LESSER", True),
        ("THIRD_PARTY_NOTICES.txt", True),
        ("LICENSE.h", False),
        ("unlicensed_notes.txt", False),
        ("license.py", False),
    ],
)
def test_licences_are_known_by_their_names(name: str, licence: bool) -> None:
    assert is_licence(Path("package") / name) is licence


def test_each_part_is_named_with_its_licence_and_where_that_is(packages: Path) -> None:
    bill = materials.bill_of_materials([packages], [["zlib1g", "1:1.2.13", "amd64"]])
    python, clang, one, zlib = bill["components"] = sorted(
        bill["components"],
        key=lambda component: (component["type"] != "platform", component["name"]),
    )
    assert python["licenses"] == [{"license": {"id": "PSF-2.0"}}]
    assert clang["purl"] == "pkg:pypi/libclang@18.1.1"
    assert one["licenses"] == [{"license": {"name": "Apache 2.0"}}]
    assert one["properties"] == [
        {
            "name": "atelier:licence-text",
            "value": str(packages / "one-1.0.dist-info/licenses/COPYING"),
        }
    ]
    assert zlib["purl"] == "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64"
    assert zlib["properties"][0]["value"] == "/usr/share/doc/zlib1g/copyright"


def test_nothing_that_is_installed_is_without_a_licence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(materials, "debian_packages", list)
    assert materials.main([sys.prefix]) == 0
    bill = json.loads(capsys.readouterr().out)
    named = {component["name"] for component in bill["components"]}
    installed = {found.name for found in distributions(path=[str(packages_of(Path(sys.prefix)))])}
    assert {"tensorflow", "SQLAlchemy"} & installed <= named
    for component in bill["components"]:
        assert component["licenses"][0]["license"] != {"name": ""}
        assert component["type"] == "platform" or component["properties"], component["name"]
