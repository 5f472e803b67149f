"""Which wishes an order carries: its own, then those that people and groups have chosen before."""

from dataclasses import asdict, replace
from typing import TypeVar

from bot.studio.ledger.model import Preferences, Wishes

_T = TypeVar("_T")

NOMINAL_SIZE = 512
"""The long side in pixels where nobody, the host included, has said one."""

QUALITIES = ("quick", "standard", "fine")
"""How much time a painting may take, shortest first."""


def with_defaults(wishes: Wishes, host: Wishes) -> Wishes:
    """Fill what is open even then with the host's own; what he leaves open is the engine's."""
    chosen = asdict(wishes)
    return replace(host, **{name: wish for name, wish in chosen.items() if wish is not None})


def settled(explicit: Wishes, *preferences: Preferences, largest: int | None = None) -> Wishes:
    """Fill what an order leaves open.

    The order's own wishes come first, then the preferences in the order given (a group's before
    its member's: who paints in a group follows the group). What is open after that stays None, so
    that the host's settings decide, and else the engine.

    Args:
        explicit: what was asked for with this very order.
        preferences: what was chosen before, the strongest first.
        largest: the host's bound for the long side in pixels; a larger wish is cut down to it.
    """
    wishes = explicit
    for chosen in preferences:
        wishes = replace(
            wishes,
            quality=_first(wishes.quality, chosen.quality),
            size=_first(wishes.size, chosen.size),
            strength=_first(wishes.strength, chosen.strength),
            keep_colours=_first(wishes.keep_colours, chosen.keep_colours),
        )
    if wishes.size is not None and largest is not None:
        wishes = replace(wishes, size=min(wishes.size, largest))
    return wishes


def _first(one: _T | None, other: _T | None) -> _T | None:
    return other if one is None else one
