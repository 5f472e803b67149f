"""Faults at the press of a switch: what may be wrong between the bot and Telegram."""

from enum import StrEnum
from typing import Final

from bot.sandbox import Fault, Faults, faults

SLOW_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 5


class Network(StrEnum):
    """How the bot's calls fare."""

    FINE = "fine"
    SLOW = "slow"
    BUSY = "busy"
    LOSSY = "lossy"
    DOWN = "down"


_RULES: Final[dict[Network, tuple[tuple[str, Fault], ...]]] = {
    Network.FINE: (),
    Network.SLOW: (("*", faults.delay(SLOW_SECONDS)),),
    Network.BUSY: (
        ("send*", faults.retry_after(RETRY_SECONDS)),
        ("edit*", faults.retry_after(RETRY_SECONDS)),
    ),
    Network.LOSSY: (("send*", faults.lost_response()), ("edit*", faults.lost_response())),
    Network.DOWN: (("*", faults.lost_request()),),
}


def switch(faults: Faults, network: Network) -> None:
    """Have all calls fare so from now on."""
    faults.clear()
    for pattern, fault in _RULES[network]:
        faults.add(pattern, fault, times=None)
