import signal
import sys

import pytest

from core.interrupt import Interrupt


class _Finalised:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_within_a_finaliser_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: lost.append(found.exc_type))
    with Interrupt() as interrupt:
        _Finalised()
        assert lost == [KeyboardInterrupt]
        with pytest.raises(KeyboardInterrupt):
            interrupt.check()


def test_an_interrupt_is_raised_at_once_and_the_old_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        interrupt.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
