"""Typed access to the checked arguments of one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.sandbox.decode import Upload
from bot.sandbox.errors import bad_request

Json = dict[str, object]


class Arguments:
    """A call's arguments; `decode` has already checked their types."""

    def __init__(self, values: Mapping[str, object], uploads: Mapping[str, Upload]) -> None:
        self.values = values
        self._uploads = uploads

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def integer(self, name: str, default: int | None = None) -> int:
        """Return a whole number; without a default, the schema or the method demands it."""
        value = self.values.get(name, default)
        if not isinstance(value, int):
            raise bad_request(f'parameter "{name}" is required')
        return value

    def text(self, name: str) -> str:
        """Return a text; an absent one is empty, as on the server."""
        return cast("str", self.values.get(name, ""))

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
        return cast("Json | None", self.values.get(name))

    def array(self, name: str) -> list[Any]:
        """Return an array, whose items `decode` has checked; an absent one is empty."""
        return cast("list[Any]", self.values.get(name, []))

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
