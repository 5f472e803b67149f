"""What checks, formats and publishes the project says the same everywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    declared: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return declared


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def recipe(target: str) -> list[str]:
    """The commands of a target of the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE)
    assert found is not None
    commands = [line.strip().removeprefix("@") for line in found[1].splitlines()]
    return [command.replace("$(BIN)", ".venv/bin") for command in commands]


def test_hooks_before_a_commit_are_what_make_check_runs() -> None:
    hooks = re.findall(r"^ +entry: (.*)$", text(".pre-commit-config.yaml"), re.MULTILINE)
    assert hooks == recipe("check")
    for key in ("language: system", "always_run: true", "pass_filenames: false"):
        assert text(".pre-commit-config.yaml").count(key) == len(hooks)


def test_the_workflow_runs_what_the_readme_tells_a_newcomer_to(project: dict[str, Any]) -> None:
    workflow = text(".github/workflows/checks.yml")
    assert re.findall(r"- run: (make \w+)", workflow) == ["make check", "make test"]
    least, beyond = re.findall(r"3\.(\d+)", project["requires-python"])
    supported = [f'"3.{minor}"' for minor in range(int(least), int(beyond))]
    assert f"python: [{', '.join(supported)}]" in workflow
    for platform in ("linux/amd64", "linux/arm64"):
        assert platform in workflow
    for lock in ROOT.glob("requirements*.lock"):
        assert f"-r {lock.name}" in workflow, "every lock file is audited"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_a_workflow_takes_from_elsewhere_is_pinned(workflow: Path) -> None:
    lines = workflow.read_text(encoding="utf-8")
    actions = re.findall(r"uses: (\S+)(.*)$", lines, re.MULTILINE)
    assert actions
    for action, comment in actions:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action} does not say its version"
    for image in re.findall(r"\b(?:ghcr|docker)\.io/\S+", lines):
        assert re.search(r":v[\d.]+@sha256:[0-9a-f]{64}$", image), image
    assert re.search(r"^permissions:\n  contents: read\n\n", lines, re.MULTILINE)
    assert lines.count("persist-credentials: false") == lines.count("actions/checkout@")


def test_the_image_is_built_on_one_that_does_not_change() -> None:
    bases = re.findall(r"^FROM (\S+)", text("Dockerfile"), re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}", bases[0])
    installed = re.findall(r"pip .*install (.*)$", text("Dockerfile"), re.MULTILINE)
    assert all("--require-hashes" in line or "--no-deps" in line for line in installed)


def test_the_changelog_begins_with_the_version(project: dict[str, Any]) -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+)\b", text("CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == project["version"]
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert numbers == sorted(numbers, reverse=True)
    for entry in re.split(r"^## \d.*$", text("CHANGELOG.md"), flags=re.MULTILINE)[1:]:
        assert "**Must I do anything?**" in entry
        assert "**What changed?**" in entry
