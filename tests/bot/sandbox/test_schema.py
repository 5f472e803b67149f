"""The sandbox's own tables against the machine-readable Bot API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.methods import HANDLERS
from bot.sandbox.methods.editing import REACTIONS
from bot.sandbox.schema import DISCRIMINATED, METHODS, OBJECTS, Fields

if TYPE_CHECKING:
    from tests.bot.sandbox.conftest import Specification


def _ours(fields: Fields) -> dict[str, tuple[set[str], bool]]:
    return {field.name: (set(field.types), field.required) for field in fields.values()}


def _theirs(described: dict[str, Any]) -> dict[str, tuple[set[str], bool]]:
    return {
        field["name"]: (set(field["types"]), field["required"])
        for field in described.get("fields", [])
    }


def test_every_method_of_the_table_is_carried_out() -> None:
    assert HANDLERS.keys() == METHODS.keys()


@pytest.mark.parametrize("method", sorted(METHODS))
def test_parameters_are_those_of_the_specification(
    method: str, specification: Specification
) -> None:
    assert _ours(METHODS[method]) == _theirs(specification.methods[method])


@pytest.mark.parametrize("kind", sorted(OBJECTS))
def test_object_fields_are_those_of_the_specification(
    kind: str, specification: Specification
) -> None:
    assert _ours(OBJECTS[kind]) == _theirs(specification.types[kind])


@pytest.mark.parametrize(("kind", "named"), sorted(DISCRIMINATED.items()))
def test_kinds_of_objects_are_those_of_the_specification(
    kind: str, named: dict[str, str], specification: Specification
) -> None:
    assert set(named.values()) <= set(specification.types[kind]["subtypes"])
    for value, variant in named.items():
        first = specification.types[variant]["fields"][0]
        assert first["name"] == "type"
        assert value in first["description"]


def test_reactions_are_those_of_the_specification(specification: Specification) -> None:
    described = specification.types["ReactionTypeEmoji"]["fields"][1]["description"]
    assert set(described.split("“")[0].split('"')[1::2]) == REACTIONS


def test_the_checker_notices_what_is_wrong(specification: Specification) -> None:
    user = {"id": 1, "is_bot": False, "first_name": "Ada"}
    specification.check(["User"], user, "User")
    for wrong in ({**user, "shoe_size": 38}, {"id": 1, "is_bot": False}, {**user, "id": "1"}):
        with pytest.raises(AssertionError):
            specification.check(["User"], wrong, "User")
