"""Writes down what an image holds, in CycloneDX: `python -m tools.image.materials ENVIRONMENT`.

It runs in the image itself, and lists the Python distributions in the environment and beside the
interpreter, the interpreter, and Debian's packages: each with its version, its licence, and where
in the image the licence's text lies. https://cyclonedx.org/docs/1.6/json/
"""

import argparse
import json
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

from tools.image.licences import is_licence
from tools.image.slim import packages_of

_APACHE: Final = Path("/usr/share/common-licenses/Apache-2.0")
_QUERY: Final = "${Package}\\t${Version}\\t${Architecture}\\n"
_SHORT: Final = 80
"""Some distributions have the whole text where the name of the licence should be."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the bill of materials."""
    parser = argparse.ArgumentParser(prog="python -m tools.image.materials", description=__doc__)
    parser.add_argument("environment", type=Path, help="the virtual environment of the image")
    options = parser.parse_args(arguments)
    bill = bill_of_materials(
        [packages_of(options.environment), Path(sysconfig.get_path("purelib"))], debian_packages()
    )
    sys.stdout.write(f"{json.dumps(bill, indent=1)}\n")
    return 0


def bill_of_materials(packages: Sequence[Path], debian: Sequence[Sequence[str]]) -> dict[str, Any]:
    """All that is installed, as a CycloneDX document.

    Args:
        packages: folders of Python packages.
        debian: name, version and architecture of each of Debian's packages.
    """
    python = {
        "type": "platform",
        "name": platform.python_implementation(),
        "version": platform.python_version(),
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }
    found = distributions(path=[str(folder) for folder in packages])
    components = [python, *map(_of_python, found), *(_of_debian(*package) for package in debian)]
    components.sort(key=lambda component: (component["type"], component["name"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": "atelier"}},
        "components": components,
    }


def debian_packages() -> list[list[str]]:
    """Name, version and architecture of what Debian's package manager has installed here."""
    listed = subprocess.run(  # noqa: S603 (no input in it)
        ["/usr/bin/dpkg-query", "--show", f"--showformat={_QUERY}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in listed.stdout.splitlines()]


def _of_python(distribution: Distribution) -> dict[str, Any]:
    name, version = distribution.name, distribution.version
    texts = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
    texts = sorted(path for path in texts if is_licence(path) and path.is_file())
    licence = _licence(distribution)
    if not texts and "apache" in licence.lower():
        texts = [_APACHE]
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
        "licenses": [{"license": {"name": licence}}],
        "properties": list(_properties(texts)),
    }


def _of_debian(name: str, version: str, architecture: str) -> dict[str, Any]:
    text = Path("/usr/share/doc") / name / "copyright"
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        "properties": list(_properties([text])),
    }


def _licence(distribution: Distribution) -> str:
    metadata = distribution.metadata
    for field in ("License-Expression", "License"):
        for said in metadata.get_all(field) or []:
            if said.strip() and len(said) <= _SHORT and "\n" not in said:
                return str(said).strip()
    classifiers = metadata.get_all("Classifier") or []
    names = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License :: ")]
    return " or ".join(names) or "see its text"


def _properties(texts: Sequence[Path]) -> Iterator[dict[str, str]]:
    for path in texts:
        yield {"name": "atelier:licence-text", "value": str(path)}


if __name__ == "__main__":
    sys.exit(main())
