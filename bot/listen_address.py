"""Where a server of the bot's listens, as a setting says it: `host:port`."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

_SHAPE: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]*)):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """A host, by name or number, and a port; 0, which no setting can say, is any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Read `host:port`; an IPv6 host stands in brackets, and none means every one.

        Raises:
            ValueError: it is none.
        """
        found = _SHAPE.fullmatch(text.strip())
        if found is None or not 1 <= int(found[3]) <= 65535:
            raise ValueError("is not host:port")
        if found[1]:
            ipaddress.IPv6Address(found[1])
        return cls(host=found[1] or found[2] or "0.0.0.0", port=int(found[3]))  # noqa: S104

    @property
    def reached_at(self) -> str:
        """The host by which a client on this machine reaches it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
