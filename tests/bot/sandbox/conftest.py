"""A sandbox, a real telegram.Bot against it, people, and the specification over everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox import Person, Sandbox

SPECIFICATION = Path(__file__).parents[4] / "shared" / "reference" / "telegram-bot-api.json"
Picture = Callable[..., bytes]


class Specification:
    """The machine-readable Bot API; checks JSON against its types."""

    def __init__(self, path: Path) -> None:
        raw = json.loads(path.read_text())
        self.version: str = raw["version"]
        self.methods: dict[str, Any] = raw["methods"]
        self.types: dict[str, Any] = raw["types"]

    def check(self, kinds: list[str], value: object, where: str) -> None:
        faults = [self._faults(kind, value, where) for kind in kinds]
        assert any(not found for found in faults), min(faults, key=len)

    def _faults(self, kind: str, value: object, where: str) -> list[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: not an array"]
            inner = kind.removeprefix("Array of ")
            return [
                fault
                for index, item in enumerate(value)
                for fault in self._faults(inner, item, f"{where}[{index}]")
            ]
        scalars: dict[str, tuple[type, ...]] = {
            "Integer": (int,),
            "String": (str,),
            "Boolean": (bool,),
            "Float": (int, float),
        }
        if kind in scalars:
            fits = isinstance(value, scalars[kind])
            fits = fits and (kind == "Boolean" or not isinstance(value, bool))
            return [] if fits else [f"{where}: {value!r} is no {kind}"]
        return self._object_faults(kind, value, where)

    def _object_faults(self, kind: str, value: object, where: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no {kind}"]
        described = self.types[kind]
        if described.get("subtypes"):
            variants = [self._faults(sub, value, where) for sub in described["subtypes"]]
            return min(variants, key=len)
        fields = {field["name"]: field for field in described.get("fields", [])}
        faults = [f"{where}: {kind} has no field {name}" for name in value.keys() - fields.keys()]
        for name, field in fields.items():
            if name in value:
                inner = f"{where}.{name}"
                kinds: list[str] = field["types"]
                found = [self._faults(one, value[name], inner) for one in kinds]
                fewest = min(found, key=len)
                faults.extend(fewest)
            elif field["required"]:
                faults.append(f"{where}: {kind} lacks {name}")
        return faults


@pytest.fixture(scope="session")
def specification() -> Specification:
    if not SPECIFICATION.exists():
        pytest.skip("the machine-readable Bot API is not here")
    return Specification(SPECIFICATION)


@pytest.fixture(scope="session")
def _specification_if_here() -> Specification | None:
    return Specification(SPECIFICATION) if SPECIFICATION.exists() else None


@pytest.fixture
async def sandbox(_specification_if_here: Specification | None) -> AsyncIterator[Sandbox]:
    """A running sandbox; afterwards all it has said is held against the specification."""
    async with Sandbox() as sandbox:
        yield sandbox
    if _specification_if_here is None:
        return
    for call in sandbox.log:
        if call.ok and not call.lost and call.method != "download":
            returns = _specification_if_here.methods[call.method]["returns"]
            _specification_if_here.check(returns, call.result, call.method)
    for update in sandbox.world.updates.history.values():
        _specification_if_here.check(["Update"], update.to_json(), f"Update.{update.kind}")


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """As python-telegram-bot makes it, so that what the sandbox refuses is seen as it is."""
    async with Bot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs={"verify": False}),
        get_updates_request=HTTPXRequest(httpx_kwargs={"verify": False}),
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def _seconds_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what python-telegram-bot will do in its next version, without its warning."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


class Api:
    """Calls by hand; returns status and JSON."""

    def __init__(self, session: ClientSession, sandbox: Sandbox) -> None:
        self._session = session
        self._root = f"{sandbox.url}/bot{sandbox.token}"

    async def __call__(self, method: str, **params: object) -> tuple[int, Any]:
        async with self._session.post(f"{self._root}/{method}", json=params) as response:
            return response.status, await response.json()

    async def ok(self, method: str, **params: object) -> Any:  # noqa: ANN401  # any JSON
        status, body = await self(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def refused(self, method: str, **params: object) -> str:
        status, body = await self(method, **params)
        assert body["ok"] is False
        assert status == body["error_code"]
        return str(body["description"])

    async def get(self, path: str) -> tuple[int, Any]:
        async with self._session.get(f"{self._root}/{path}") as response:
            return response.status, await response.json()

    async def form(self, method: str, fields: FormData | dict[str, str]) -> tuple[int, Any]:
        async with self._session.post(f"{self._root}/{method}", data=fields) as response:
            return response.status, await response.json()


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    async with ClientSession() as session:
        yield Api(session, sandbox)


@pytest.fixture
def ada(sandbox: Sandbox) -> Person:
    return sandbox.person("Ada", username="ada", language="de")
