"""Telegram's flood limits, for those who switch them on.

About one message per second in a chat, where short bursts pass; 20 per minute in a group; about
30 per second in all. Edits count like messages (Bots FAQ, "My bot is hitting limits").
"""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.errors import too_many_requests

_COUNTED = ("send", "edit", "copy", "forward")
_FREE = frozenset({"sendChatAction"})


@dataclass(slots=True)
class RateLimits:
    """Windows in seconds, and how many messages each lets pass.

    Attributes:
        burst: Messages that one chat may get within ``burst_seconds``.
        group: Messages that one group may get within a minute.
        overall: Messages within a second to all chats.
        clock: Monotonic seconds.
    """

    burst: int = 5
    burst_seconds: float = 5.0
    group: int = 20
    overall: int = 30
    clock: Callable[[], float] = time.monotonic
    _passed: defaultdict[object, deque[float]] = field(
        default_factory=lambda: defaultdict(deque), repr=False
    )

    def check(self, method: str, params: Mapping[str, object]) -> None:
        """Count one call.

        Raises:
            ApiError: 429 with the seconds to wait, if it is one too many; it is not counted.
        """
        if not method.startswith(_COUNTED) or method in _FREE:
            return
        chat = params.get("chat_id")
        media = params.get("media")
        weight = len(media) if isinstance(media, list) else 1
        windows: list[tuple[object, int, float]] = [
            (("chat", chat), self.burst, self.burst_seconds),
            ("all", self.overall, 1.0),
        ]
        if not isinstance(chat, int) or chat < 0:
            windows.append((("group", chat), self.group, 60.0))
        now = self.clock()
        wait = max(self._wait(key, most, span, now) for key, most, span in windows)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        for key, _, _ in windows:
            self._passed[key].extend([now] * weight)

    def _wait(self, key: object, most: int, span: float, now: float) -> float:
        passed = self._passed[key]
        while passed and passed[0] <= now - span:
            passed.popleft()
        return passed[0] + span - now if len(passed) >= most else 0.0
