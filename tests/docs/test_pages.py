"""What the pages name is there, and what is there is named."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.__main__ import main as bot_main
from bot.memory import needed
from bot.settings import Settings
from bot.telegram.menus import menus
from bot.words import Library
from core.cli import main as core_main
from tests.docs.pages import CORE, ROOT, blocks, handwritten, prose

PAGES = pytest.mark.parametrize("page", handwritten(), ids=lambda page: page.name)


@cache
def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """What a link may name after the hash: headings, as the usual hosts of repositories do it."""
    headings = re.findall(r"^#+ (.*)$", prose(read(page)), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@PAGES
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(read(page))):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@PAGES
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    roots = "benchmarks|bot|core|docs|tests|tools"
    for name in re.findall(rf"`((?:{roots})/[\w./-]*)(?:::\w+)?`", read(page)):
        assert (ROOT / name).exists(), name


@PAGES
def test_tests_that_are_named_exist(page: Path) -> None:
    for file, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", read(page)):
        assert test in functions(ROOT / file), f"{file}::{test}"


def test_each_threat_has_tests() -> None:
    threats = read(ROOT / "SECURITY.md").partition("## What is protected")[2].split("\n### ")[1:]
    assert len(threats) == 7
    for threat in threats:
        rows = [line for line in threat.splitlines() if line.startswith("| ")][1:]
        for row in rows:
            assert "---" in row or re.search(r"`tests/[\w/]+\.py::\w+`", row), row


@cache
def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


@PAGES
def test_commands_that_are_named_exist(page: Path) -> None:
    makefile = read(ROOT / "Makefile")
    fenced = "\n".join(block.text for block in blocks(read(page)))
    named = re.findall(r"`make ([a-z]+)\b", prose(read(page)))
    for target in [*named, *re.findall(r"^make ([a-z]+)\b", fenced, re.MULTILINE)]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for module in re.findall(r"python -m ((?:benchmarks|bot|core|tests|tools)[\w.]*)", read(page)):
        assert importlib.util.find_spec(module.rstrip(".")) is not None, module


def documented() -> str:
    """Everything that people write for people who use or host Atelier."""
    return "\n".join(read(page) for page in handwritten())


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_readme_and_the_example(field: str) -> None:
    name = field.upper()
    assert re.search(rf"^\| `{name}` \|", read(ROOT / "README.md"), re.MULTILINE)
    assert re.search(rf"^#?{name}=", read(ROOT / ".env.example"), re.MULTILINE)


def test_the_readme_promises_no_setting_that_nothing_reads() -> None:
    table = read(ROOT / "README.md").partition("## Settings")[2].partition("\n## ")[0]
    promised = re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)
    assert promised == [name.upper() for name in Settings.model_fields]


def test_every_published_command_is_in_the_documents() -> None:
    published = {
        command.command
        for _, commands in menus(Library().words("en"), admins=[1])
        for command in commands
    }
    assert {"stylize", "stats"} <= published
    written = set(re.findall(r"`/([a-z]+)\b", documented()))
    assert published - written == set()


def test_every_command_of_the_bot_is_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    readme = read(ROOT / "README.md")
    commands = re.findall(r"^    ([a-z]+) ", helped(bot_main, capsys), re.MULTILINE)
    assert {"run", "check", "demo"} <= set(commands)
    for command in commands:
        assert f"python -m bot {command}" in readme
        for option in options(helped(bot_main, capsys, command)) - {"--help"}:
            assert option in readme, f"{command} {option}"


def test_every_option_of_the_engine_is_on_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    offered = options(helped(core_main, capsys))
    assert {"--size", "--json", "--help"} <= offered
    _, _, section = read(CORE).partition("\n## The command line\n")
    assert options(section) == offered


def helped(
    command: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str], *words: str
) -> str:
    """What a command says when it is asked for help."""
    with pytest.raises(SystemExit) as ended:
        command([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_every_setting_is_told_of_by_what_it_is_for() -> None:
    page = read(ROOT / "docs" / "operating.md")
    table = page.partition("## Settings, by")[2].partition("\n## ")[0]
    named = re.findall(r"`([A-Z_]{4,})`", table)
    assert sorted(named) == sorted({name.upper() for name in Settings.model_fields})


def test_the_lines_of_the_log_are_the_codes() -> None:
    table = read(ROOT / "docs" / "operating.md").partition("## What the log says")[2]
    lines = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(lines) > 10
    said = [constant for file in (ROOT / "bot").rglob("*.py") for constant in constants(file)]
    for line in lines:
        for part in filter(None, (part.strip() for part in line.split("…"))):
            assert any(part in constant for constant in said), part


def constants(file: Path) -> list[str]:
    """The texts in a module, with a mark where something is put into them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("page", ["README.md", "docs/operating.md", ".env.example"])
def test_the_memory_that_is_told_is_what_the_bot_reckons_with(page: str) -> None:
    words = " ".join(read(ROOT / page).replace("#", "").split())
    told = re.findall(
        r"(\d\.\d\d)(?: GB)?(?: of memory)?(?: for a painting of| at) (\d{3,4})", words
    )
    assert {int(size) for _, size in told} == {256, 512, 1024}
    for gigabytes, size in told:
        assert needed(int(size)) / 1e9 == pytest.approx(float(gigabytes), rel=0.01)
