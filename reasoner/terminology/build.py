"""Rebuilds what the package ships of terminologies.

`python -m reasoner.terminology.build [--out FOLDER] [--release FILE]`

From the mapping sets (`ontology/mappings/*.sssom.tsv`) and a release of ICD-10-CM it writes the classes of the mapped
codes, the tables of all codes, of the Excludes1 notes and of the fiscal years, the dated expansion of each concept, and
the classes of the procedure codes. The same input gives the same bytes. The release comes from the package
`simple-icd-10-cm` (extra `build`), or from the official tabular list of another fiscal year; reading it takes seconds,
so that nothing else imports this.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reasoner.errors import ReasonerError, UnreadableReleaseError
from reasoner.resources import data_folder
from reasoner.terminology.class_files import class_table, code_classes, turtle
from reasoner.terminology.codes import CLASSES_FILE, CODES_FILE, EXCLUDES_FILE, YEARS_FILE
from reasoner.terminology.mappings import read_mapping_set
from reasoner.terminology.procedures_build import procedure_turtle
from reasoner.terminology.release import Release
from reasoner.terminology.release_files import read_release
from reasoner.terminology.release_tabular import PACKAGE, packaged_release
from reasoner.terminology.release_years import Years, read_years, taken_over, years_text
from reasoner.terminology.table_files import code_table, excludes_table, expansion_table, shipped_codes

FILES: Final = (
    "icd10cm.ttl",
    CLASSES_FILE,
    CODES_FILE,
    EXCLUDES_FILE,
    YEARS_FILE,
    "expansions/icd10cm.tsv",
    "procedure.ttl",
)
"""What the build writes, below the folder of the ontology."""


def built(release: Release, carried_by: str) -> Mapping[str, bytes]:
    """The content of each file.

    Args:
        release: The codes, with their Excludes1 notes.
        carried_by: What the release was read from.

    Raises:
        MappingSetError: A mapping set cannot be read, or names a code that the release lacks.
    """
    mapping_set = read_mapping_set("icd10cm")
    expansion = expansion_table(mapping_set, release)  # first: it checks the rows against the release
    classes = tuple(code_classes(mapping_set.mappings, release))
    contents = (
        turtle(classes, release.name).encode(),
        class_table(classes, release.name).encode(),
        code_table(release, carried_by),
        excludes_table(release),
        years_text(_years(release, carried_by)).encode(),
        expansion.encode(),
        procedure_turtle(read_mapping_set("procedures").mappings).encode(),
    )
    return dict(zip(FILES, contents, strict=True))


def _years(release: Release, found: str) -> Years:
    """The table of years as it stands, with the release as the one that is shipped."""
    years = read_years((data_folder("ontology") / YEARS_FILE).read_text("utf-8"))
    shipped = years.releases[years.shipped]
    same = shipped.first <= release.in_force_from <= shipped.last
    return taken_over(years, release.codes if same else shipped_codes(), release, found)


def build(folder: Path, release_file: Path | None = None) -> tuple[Path, ...]:
    """Write all files into a folder.

    Raises:
        MappingSetError: As for `built`.
        UnreadableReleaseError: The file of the release is not in an official format, or is no tabular list.
    """
    release = packaged_release() if release_file is None else read_release(release_file)
    if release_file is not None and not release.notes:
        expected = "the tabular list, icd10cm-tabular-YYYY.xml, or a zip with it"
        raise UnreadableReleaseError(release_file.name, None, f"holds no Excludes1 notes: expected {expected}.")
    carried_by = " ".join(PACKAGE) if release_file is None else release_file.name
    written = []
    for name, content in built(release, carried_by).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return tuple(written)


def main() -> int:
    """Run the command; an error ends it with a sentence and 1."""
    parser = argparse.ArgumentParser(
        prog="python -m reasoner.terminology.build", description="Rebuilds the terminology files."
    )
    parser.add_argument(
        "--out", type=Path, default=None, help="folder to write to; default: the ontology folder itself"
    )
    parser.add_argument("--release", type=Path, default=None, help="official ICD-10-CM file; default: simple-icd-10-cm")
    asked = parser.parse_args()
    try:
        for path in build(asked.out or data_folder("ontology"), asked.release):
            sys.stdout.write(f"{path}\n")
    except (ReasonerError, RuntimeError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
