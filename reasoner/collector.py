"""The garbage collector, in a process that is the program's own."""

import gc

_YOUNG = 50_000  # objects that may be there for the first time before the collector looks at them; by default 700


def expect_little() -> None:
    """Let the collector pass over what is loaded so far, which stays, and look at the rest seldom.

    A case leaves nothing that only the collector can take away (`tests/test_collector.py`), so that what it finds to
    look at is what evaluation remembers, over and over.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 100)
