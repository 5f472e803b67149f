"""The types of the Bot API that an update may hold, as its specification has them.

`python -m tests.made_to_break.specification FILE` writes `types.json` anew from the
machine-readable specification (https://github.com/PaulSonOfLars/telegram-bot-api-spec, `api.json`).
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("types.json")
ROOTS: Final = ("Message", "CallbackQuery", "ChatMemberUpdated")
"""What the updates hold that Atelier asks for."""

_ONLY: Final = re.compile(r'(?:must be|always) ["“]?(\w+)["”]?\.?$')

Types = dict[str, dict[str, str] | list[str]]
"""By name: an object's fields with their types, divided by `|`, or in quotes the one value that is
allowed (a star after the names of those that are required); or the kinds that there are of it."""


def excerpt(specification: Mapping[str, Any]) -> Types:
    """The types that `ROOTS` need."""
    types, found, ahead = specification["types"], Types(), list(ROOTS)
    while ahead:
        name = ahead.pop()
        if name in found or name not in types:
            continue
        described = types[name]
        if "subtypes" in described:
            found[name] = described["subtypes"]
            ahead += described["subtypes"]
            continue
        fields = described.get("fields", [])
        found[name] = {field["name"] + "*" * field["required"]: _types(field) for field in fields}
        ahead += [kind.split(" of ")[-1] for field in fields for kind in field["types"]]
    return dict(sorted(found.items()))


def known_types() -> Types:
    """Those that `types.json` holds."""
    types: Types = json.loads(FILE.read_text(encoding="utf-8"))
    return types


def _types(field: Mapping[str, Any]) -> str:
    only = _ONLY.search(field["description"])
    if only is not None and field["types"] == ["String"]:
        return f'"{only[1]}"'
    return "|".join(field["types"])


if __name__ == "__main__":
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    FILE.write_text(json.dumps(excerpt(whole), indent=1) + "\n", encoding="utf-8")
