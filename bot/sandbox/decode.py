"""Raw request parameters in, checked and typed arguments out.

Stricter than Telegram on purpose: an unknown parameter or a value of the wrong type is refused
here, where Telegram may ignore it, so that a bot's own mistakes show. What there is and of which
type stands in `bot_api.json`, which `tools.bot_api` takes from the Bot API's specification.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from bot.sandbox.errors import ApiError, bad_request

FILE: Final = Path(__file__).with_name("bot_api.json")
_API: Final = json.loads(FILE.read_text(encoding="utf-8"))
METHODS: Final[Mapping[str, Mapping[str, str]]] = _API["methods"]
"""By method name: the types of its parameters by name, a star after those that are required."""
REACTIONS: Final = frozenset[str](_API["reactions"])
"""What a reaction may be (Bot API, "ReactionTypeEmoji")."""

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_ATTACHED = re.compile(r'attach://([^"\s\\]+)')
_ARRAY = "Array of "
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    filename: str
    mime_type: str
    data: bytes


def decode(
    method: str, raw: Mapping[str, object], uploads: Mapping[str, Upload]
) -> dict[str, object]:
    """Check a call's parameters against the Bot API.

    Args:
        method: Canonical method name, a key of ``METHODS``.
        raw: Parameters as they came: strings of a form or query, or values of a JSON body.
        uploads: File parts by part name.

    Returns:
        Values by parameter name: ``int``, ``str``, ``bool``, ``list``, ``dict`` or `Upload`.

    Raises:
        ApiError: 400, for unknown, missing or ill-typed parameters.
    """
    types = {name.removesuffix("*"): kinds for name, kinds in METHODS[method].items()}
    attached = set(_ATTACHED.findall(json.dumps(dict(raw), ensure_ascii=False)))
    for name in uploads.keys() - types.keys() - attached:
        raise bad_request(f'file "{name}" belongs to no parameter of {method}')
    given = {
        name: _from_text(value, types.get(name, ""), f'parameter "{name}" of {method}')
        if isinstance(value, str)
        else value
        for name, value in raw.items()
    }
    given |= {name: upload for name, upload in uploads.items() if name in types}
    try:
        checked: dict[str, object] = _validator(method).validate_python(given)
    except ValidationError as error:
        raise _refusal(method, error) from None
    return checked


def _from_text(text: str, types: str, where: str) -> object:
    """Read a form field's text as the value that its types ask for."""
    if "Integer" in types.split("|") and _INTEGER.fullmatch(text):
        return int(text)
    if types == "Boolean":
        return _BOOLEANS.get(text.lower(), text)
    if not types or {"Integer", "String", "InputFile"} & set(types.split("|")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise bad_request(f"can't parse {where} as a JSON object") from None


@cache
def _validator(method: str) -> SchemaValidator:
    return SchemaValidator(_object(METHODS[method]))


def _object(fields: Mapping[str, str]) -> CoreSchema:
    return core_schema.typed_dict_schema(
        {
            name.removesuffix("*"): core_schema.typed_dict_field(
                _either(types.split("|")), required=name.endswith("*")
            )
            for name, types in fields.items()
        },
        extra_behavior="forbid",
    )


def _either(kinds: Sequence[str]) -> CoreSchema:
    if len(kinds) == 1:
        return _type(kinds[0])
    return core_schema.union_schema([(_type(kind), kind) for kind in kinds])


def _type(kind: str) -> CoreSchema:
    if kind.startswith(_ARRAY):
        return core_schema.list_schema(_type(kind.removeprefix(_ARRAY)), strict=True)
    if kind.startswith('"'):
        return core_schema.literal_schema([kind.strip('"')])
    if kind in _API["unions"]:
        objects = {_API["objects"][one]["type*"].strip('"'): one for one in _API["unions"][kind]}
        return core_schema.tagged_union_schema(
            {value: _type(one) for value, one in objects.items()}, discriminator="type"
        )
    if kind in _API["objects"]:
        return _object(_API["objects"][kind])
    return _SCALARS.get(kind) or core_schema.custom_error_schema(
        core_schema.literal_schema([object()]),  # which nothing is equal to
        custom_error_type="unknown",
        custom_error_message=f"{kind} is not known to the sandbox",
    )


_SCALARS: Final[Mapping[str, CoreSchema]] = {
    "Integer": core_schema.int_schema(strict=True),
    "String": core_schema.str_schema(strict=True),
    "Boolean": core_schema.bool_schema(strict=True),
    "Float": core_schema.float_schema(strict=True),
    "InputFile": core_schema.is_instance_schema(Upload),
}


def _refusal(method: str, error: ValidationError) -> ApiError:
    """Word a refusal; where there were alternatives, by the one that fitted best."""
    faults = error.errors(include_url=False)
    faults_of = Counter(fault["loc"][:2] for fault in faults)
    fault = min(faults, key=lambda one: faults_of[one["loc"][:2]])
    name = str(fault["loc"][0])
    missing = fault["type"] == "missing" and len(fault["loc"]) == 1
    match name:
        # Where the server has words of its own.
        case "chat_id" if missing:
            return bad_request("chat_id is empty")
        case "text" if missing:
            return bad_request("message text is empty")
        case "photo" | "document" | "animation" | "sticker" if missing:
            return bad_request(f"there is no {name} in the request")
    where = ", ".join(f'"{part}"' for part in fault["loc"])
    return bad_request(f"parameter {where} of {method}: {fault['msg']}")
