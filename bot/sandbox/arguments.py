"""Typed access to the checked arguments of one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from bot.sandbox.decode import Upload
from bot.sandbox.errors import bad_request

Json = dict[str, object]
T = TypeVar("T")


class Arguments:
    """A call's arguments; `decode` has already checked their types."""

    def __init__(self, values: Mapping[str, object], uploads: Mapping[str, Upload]) -> None:
        self.values = values
        self._uploads = uploads

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def integer(self, name: str) -> int:
        """Return a whole number that the schema or the method demands."""
        return self._get(name, int)

    def text(self, name: str) -> str:
        """Return a text; an absent one is empty, as on the server."""
        value = self.values.get(name, "")
        if isinstance(value, str):
            return value
        raise bad_request(f'parameter "{name}" must be String')

    def flag(self, name: str) -> bool:
        """Return a switch; an absent one is off."""
        return bool(self.values.get(name, False))

    def chat(self, name: str = "chat_id") -> int | str:
        """Return a chat's id or @username."""
        value = self.values.get(name)
        if isinstance(value, int | str):
            return value
        raise bad_request("chat_id is empty")

    def json(self, name: str) -> Json | None:
        """Return an object, or None if it is absent."""
        value = self.values.get(name)
        return cast("Json", value) if isinstance(value, dict) else None

    def items(self, name: str) -> list[Json]:
        """Return an array of objects; an absent one is empty."""
        return cast("list[Json]", self._array(name))

    def strings(self, name: str) -> list[str]:
        """Return an array of strings; an absent one is empty."""
        return cast("list[str]", self._array(name))

    def integers(self, name: str) -> list[int]:
        """Return an array of whole numbers; an absent one is empty."""
        return cast("list[int]", self._array(name))

    def file(self, name: str) -> Upload | str:
        """Return an uploaded file, or the file_id that names one already stored."""
        value = self.values.get(name)
        if isinstance(value, Upload):
            return value
        return self.attached(self.text(name))

    def attached(self, reference: str) -> Upload | str:
        """Resolve ``attach://NAME`` to its upload; anything else is a file_id.

        Raises:
            ApiError: 400, if there is no such part, or if the reference is a web address:
                the sandbox fetches nothing.
        """
        if reference.startswith("attach://"):
            upload = self._uploads.get(reference.removeprefix("attach://"))
            if upload is None:
                raise bad_request("wrong file identifier/HTTP URL specified")
            return upload
        if reference.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        return reference

    def inner(self, values: Json) -> Arguments:
        """Return the arguments of an object inside the call, such as one InputMedia."""
        return Arguments(values, self._uploads)

    def _array(self, name: str) -> list[object]:
        value = self.values.get(name, [])
        return value if isinstance(value, list) else []

    def _get(self, name: str, kind: type[T]) -> T:
        value = self.values.get(name)
        if isinstance(value, kind):
            return value
        raise bad_request(f'parameter "{name}" is required')
