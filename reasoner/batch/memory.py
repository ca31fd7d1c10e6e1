"""The memory of a process of a batch: a bound where the system has one, and large blocks given back."""

import sys
from contextlib import suppress
from pathlib import Path

from reasoner.limits import MEBIBYTE

_STANDING = Path("/proc/self/statm")
_MMAP_THRESHOLD = -3  # of mallopt(3)


def bound_memory(mebibytes: int) -> bool:
    """Let this process take up so many MiB of addresses beside what it has; 0 sets no bound.

    What asks for more gets a `MemoryError`, or takes the process along, which the pool makes good. Only Linux keeps
    such a bound; elsewhere nothing is set. Gives whether a bound is set.
    """
    if not mebibytes or not _STANDING.exists():
        return False
    import resource

    taken = int(_STANDING.read_text().split()[0]) * resource.getpagesize()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + mebibytes * MEBIBYTE
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
        return True
    return False


def give_back_large_blocks() -> None:
    """Let blocks of 128 KiB and more, such as the text of many results, go back to the system as soon as they are free.

    The C library of Linux does so only until it has seen the first of a size, and then keeps room for that: a tenth of
    the memory of a worker. Elsewhere nothing is done.
    """
    if sys.platform == "linux":
        from ctypes import CDLL  # opens the C library: no business of a process that only starts others

        with suppress(OSError, AttributeError):  # another C library
            CDLL(None).mallopt(_MMAP_THRESHOLD, 128 * 1024)
