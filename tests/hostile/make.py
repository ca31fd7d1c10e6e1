"""Make the corpus: `python tests/hostile/make.py FOLDER`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile import file_attacks, syntax_attacks, text_attacks
from hostile.attack import Attack


def attacks(server: str, secret: str) -> list[Attack]:
    """Every file of the corpus.

    Args:
        server: The address of a server that nobody may connect to.
        secret: The path of a file that nobody may read.
    """
    found = [
        *syntax_attacks.entities(server, secret),
        *syntax_attacks.contexts(server, secret),
        *syntax_attacks.nesting(),
        *syntax_attacks.encodings(),
        *syntax_attacks.iris(server, secret),
        *text_attacks.labels(),
        *text_attacks.literals(),
        *text_attacks.slow_patterns(),
        *text_attacks.poison(),
        *file_attacks.special(secret),
        *file_attacks.names(),
        *file_attacks.archives(),
    ]
    assert len({attack.name for attack in found}) == len(found), "two attacks of one name"
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for attack in attacks("http://127.0.0.1:9", str(folder / "secret")):
        print(attack.outcome, attack.write(folder))
