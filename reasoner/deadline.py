"""An end to the time that one case may take.

The clock is a timer of the operating system (SIGALRM), which Python hears in its main thread alone. So a bound is kept
in the processes of a batch, in the single command and in the Python workers of Spark; in another thread, on a system
without that timer, or where somebody else waits for it, there is none. What runs outside Python is not interrupted
before it comes back: the limits on what is read keep that short.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Final

from reasoner.errors import OutOfTimeError

_HAS_TIMER: Final = hasattr(signal, "setitimer")
_ALARM: Final = int(signal.SIGALRM) if _HAS_TIMER else 0
_CLOCK: Final = int(signal.ITIMER_REAL) if _HAS_TIMER else 0
_heard = False  # whether the alarm is ours
_set = False  # whether it is set


class _TimeIsUp(BaseException):  # no `except Exception` on the way may take it for a failure of its own
    pass


def _stop(_signal: int, _frame: FrameType | None) -> None:
    if _set:
        raise _TimeIsUp


@contextmanager
def clock() -> Iterator[None]:
    """Listen to the timer for what is inside, so that each of its deadlines costs a microsecond only."""
    global _heard
    if _heard or not _HAS_TIMER or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(_ALARM, _stop)
    if callable(before):  # somebody else waits for it
        signal.signal(_ALARM, before)
        yield
        return
    _heard = True
    try:
        yield
    finally:
        _heard = False
        signal.signal(_ALARM, signal.SIG_DFL if before is None else before)


class Deadline:
    """Within `clock`, runs what stands in its `with` for so many seconds at most.

    0 sets no bound, and neither does a deadline inside another one.

    Raises:
        OutOfTimeError: The time was up first.
    """

    __slots__ = ("_mine", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._mine = False

    def __enter__(self) -> None:
        global _set
        if _heard and self._seconds and not _set and current_thread() is main_thread():
            self._mine = _set = True
            signal.setitimer(_CLOCK, self._seconds, 1)  # again each second: one may be swallowed

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _set
        if not self._mine:
            return
        late = kind is _TimeIsUp
        try:
            _set = False
        except _TimeIsUp:
            _set, late = False, True
        signal.setitimer(_CLOCK, 0)
        self._mine = False
        if late:
            raise OutOfTimeError(self._seconds) from None
