"""A bound on the memory of a process of a batch, where the system has one."""

from contextlib import suppress
from pathlib import Path

from reasoner.limits import MEBIBYTE

_STANDING = Path("/proc/self/statm")


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
