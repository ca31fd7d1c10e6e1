"""Writes `reasoner/digests.json`: the digests of the shipped files, each beside the SHA-256 of the bytes it is made of.

To be run when a file of `ontology/` or `shapes/` has changed; `reasoner.digests` says what the file is for.
"""

import json
import sys

from reasoner.digests import KEPT, SourceDigests, sources


def main() -> None:
    """Make every digest anew and write the file."""
    KEPT.write_text(json.dumps(SourceDigests(sources()).kept(), indent=2) + "\n", "utf-8")
    sys.stdout.write(f"wrote {KEPT}\n")


if __name__ == "__main__":
    main()
