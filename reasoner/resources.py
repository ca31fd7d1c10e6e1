"""Where the ontology and the shapes lie, in a checkout and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """Folder `ontology` or `shapes`, inside the installed package or beside it in a checkout.

    Raises:
        FileNotFoundError: The installation lacks the folder.
    """
    for candidate in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"The installation lacks its folder '{name}'. Reinstall edx-reasoner.")


def turtle_files(folder: str) -> tuple[Path, ...]:
    """All Turtle files at or below a data folder such as `ontology` or `shapes/intake`, sorted."""
    top, _, rest = folder.partition("/")
    return tuple(sorted((data_folder(top) / rest).rglob("*.ttl")))
