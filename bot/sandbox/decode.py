"""Raw request parameters in, checked and typed arguments out.

Stricter than Telegram on purpose: an unknown parameter or a value of the wrong type is refused
here, where Telegram may ignore it, so that a bot's own mistakes show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.schema import DISCRIMINATED, METHODS, OBJECTS, Fields, Parameter

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_ARRAY = "Array of "
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "Integer": (int,),
    "String": (str,),
    "Boolean": (bool,),
    "Float": (int, float),
}
_FALSE = frozenset({"false", "0"})
_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    filename: str
    mime_type: str
    data: bytes


class _MismatchError(Exception):
    """A value does not have the type that was tried."""


def decode(
    method: str, raw: Mapping[str, object], uploads: Mapping[str, Upload]
) -> dict[str, object]:
    """Check a call's parameters against the schema.

    Args:
        method: Canonical method name, a key of ``METHODS``.
        raw: Parameters as they came: strings of a form or query, or values of a JSON body.
        uploads: File parts by part name.

    Returns:
        Values by parameter name: ``int``, ``str``, ``bool``, ``list``, ``dict`` or `Upload`.

    Raises:
        ApiError: 400, for unknown, missing or ill-typed parameters.
    """
    fields = METHODS[method]
    attached = set(_attachments(raw.values()))
    for name in uploads:
        if name not in fields and name not in attached:
            raise bad_request(f'file "{name}" belongs to no parameter of {method}')
    values: dict[str, object] = {}
    for name, value in raw.items():
        if name not in fields:
            raise bad_request(f'unknown parameter "{name}" of {method}')
        values[name] = _parameter(fields[name], value, method)
    for name, upload in uploads.items():
        if name in fields:
            if not {"InputFile"} & set(fields[name].types):
                raise bad_request(f'parameter "{name}" of {method} takes no file')
            values[name] = upload
    _require(fields, values, method)
    return values


def _attachments(values: Iterator[object] | object) -> Iterator[str]:
    """Find the names in ``attach://NAME`` anywhere in the values."""
    if isinstance(values, str):
        yield from re.findall(r'attach://([^"\s\\]+)', values)
    elif isinstance(values, Mapping):
        yield from _attachments(list(values.values()))
    elif hasattr(values, "__iter__"):
        for value in values:
            yield from _attachments(value)


def _parameter(parameter: Parameter, value: object, method: str) -> object:
    where = f'parameter "{parameter.name}" of {method}'
    for kind in parameter.types:
        try:
            return (
                _from_text(kind, value, where)
                if isinstance(value, str)
                else _typed(kind, value, where)
            )
        except _MismatchError:
            continue
    raise bad_request(f"{where} must be {' or '.join(parameter.types)}")


def _from_text(kind: str, value: str, where: str) -> object:
    """Read a form field's text as a value of the kind."""
    match kind:
        case "String" | "InputFile":
            return value
        case "Integer":
            if _INTEGER.fullmatch(value):
                return int(value)
            raise _MismatchError
        case "Boolean":
            if value.lower() in _TRUE | _FALSE:
                return value.lower() in _TRUE
            raise _MismatchError
    try:
        parsed = json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {where} as a JSON object") from None
    return _typed(kind, parsed, where)


def _typed(kind: str, value: object, where: str) -> object:
    """Check a JSON value against the kind; objects are checked field by field."""
    if kind.startswith(_ARRAY):
        if not isinstance(value, list):
            raise _MismatchError
        inner = kind.removeprefix(_ARRAY)
        return [_typed(inner, item, where) for item in value]
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        if not isinstance(value, scalar) or (isinstance(value, bool) and kind != "Boolean"):
            raise _MismatchError
        return value
    if not isinstance(value, dict):
        raise _MismatchError
    return _object(kind, value, where)


def _object(kind: str, value: dict[str, object], where: str) -> dict[str, object]:
    if kind in DISCRIMINATED:
        named = DISCRIMINATED[kind].get(str(value.get("type")))
        if named is None:
            raise bad_request(f"{where}: type {value.get('type')!r} is not known here")
        kind = named
    elif (
        kind.startswith("InputMedia")
        and DISCRIMINATED["InputMedia"].get(str(value.get("type"))) != kind
    ):
        raise _MismatchError
    if kind not in OBJECTS:
        raise bad_request(f"{where}: {kind} is not known to the sandbox")
    fields = OBJECTS[kind]
    if any(field.required and field.name not in value for field in fields.values()):
        raise _MismatchError
    checked: dict[str, object] = {}
    for name, inner in value.items():
        if name not in fields:
            raise bad_request(f'{where}: unknown field "{name}" of {kind}')
        checked[name] = _field(fields[name], inner, f"{where}, {kind}.{name}")
    return checked


def _field(field: Parameter, value: object, where: str) -> object:
    for kind in field.types:
        try:
            return _typed(kind, value, where)
        except _MismatchError:
            continue
    raise bad_request(f"{where} must be {' or '.join(field.types)}")


def _require(fields: Fields, values: Mapping[str, object], method: str) -> None:
    for field in fields.values():
        if field.required and field.name not in values:
            raise _missing(method, field.name)


def _missing(method: str, name: str) -> ApiError:
    """Word a missing parameter as the server does where it has words of its own."""
    match name:
        case "chat_id":
            return bad_request("chat_id is empty")
        case "text":
            return bad_request("message text is empty")
        case "photo" | "document" | "animation" | "sticker":
            return bad_request(f"there is no {name} in the request")
        case _:
            return bad_request(f'parameter "{name}" of {method} is required')
