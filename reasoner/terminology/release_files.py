"""Reads what the publishers of ICD-10-CM give out for a fiscal year: order file, codes file, tabular list, or a zip.

The order file has fixed columns: order number (5), code without point (7), 1 for a billable code and 0 for a heading,
short title (60), long title, each after one blank. The codes file has a code and its long title. Both are described in
the file `icd10OrderFiles` that comes with them.
"""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

from reasoner.errors import UnreadableReleaseError
from reasoner.terminology.release import Release, dotted, in_force, release_name, with_parents
from reasoner.terminology.release_tabular import read_tabular

MAX_BYTES: Final = 200_000_000
"""Bytes of a file that is read; the tabular list of a year has some ten million."""

_PLAIN: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")
_ORDER: Final = re.compile(rb"\d{5} [A-Z][0-9A-Z]{2,6} +[01] ")
_KINDS: Final = ("tabular", "order", "codes")


def read_release(path: Path) -> Release:
    """The release in a file; its format is found out from its content, its year from its name.

    Raises:
        UnreadableReleaseError: The file cannot be read, or is not in an official format; with the line.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise UnreadableReleaseError(path.name, None, f"cannot be read: {error.strerror}.") from error
    if data is None:
        raise UnreadableReleaseError(path.name, None, f"is larger than {MAX_BYTES} bytes.")
    return _read(path.name, data) if not data.startswith(b"PK") else _read(*_unpacked(path.name, data))


def _read(name: str, data: bytes) -> Release:
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        return read_tabular(name, data)
    return read_order(name, data) if _ORDER.match(text) else read_codes(name, data)


def _unpacked(name: str, data: bytes) -> tuple[str, bytes]:
    """The one file of a zip that holds the classification: the tabular list, else the order file, else the codes."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [m for m in archive.infolist() if re.search(r"\.(txt|xml)$", m.filename, re.IGNORECASE)]
            for kind in _KINDS:
                found = [m for m in members if kind in m.filename.lower() and "addenda" not in m.filename.lower()]
                if len(found) > 1:
                    named = ", ".join(member.filename for member in found)
                    raise UnreadableReleaseError(name, None, f"holds several files of one kind: {named}. Give one.")
                if found:
                    if found[0].file_size > MAX_BYTES:
                        raise UnreadableReleaseError(
                            name, None, f"{found[0].filename} is larger than {MAX_BYTES} bytes."
                        )
                    return f"{name}/{Path(found[0].filename).name}", archive.read(found[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise UnreadableReleaseError(name, None, f"is no zip that can be unpacked: {error}.") from error
    expected = "a file named icd10cm-order-YYYY.txt, icd10cm-codes-YYYY.txt or icd10cm-tabular-YYYY.xml"
    raise UnreadableReleaseError(name, None, f"holds no file of the classification: expected {expected}.")


def read_order(name: str, data: bytes) -> Release:
    """The release in an order file.

    Raises:
        UnreadableReleaseError: A line is not written as the format demands, or a code stands twice.
    """
    entries: dict[str, tuple[str, bool]] = {}
    for number, line in _lines(data):
        order, plain, flag, title = line[:5], line[6:13].rstrip(), line[14:15], line[77:].strip() or line[16:76].strip()
        blanks = {line[at : at + 1] for at in (5, 13, 15)}
        if not order.isdigit() or blanks != {" "} or not _PLAIN.fullmatch(plain) or flag not in ("0", "1") or not title:
            raise UnreadableReleaseError(
                name,
                number,
                "expected five digits, a code of three to seven characters from column 7, 0 or 1 in column 15, "
                f"a short title from column 17 and a long title from column 78, not: {line[:60]}",
            )
        _add(entries, dotted(plain), (title, flag == "1"), name, number)
    return _release(name, entries)


def read_codes(name: str, data: bytes) -> Release:
    """The release in a codes file: billable codes alone, so that it has no headings.

    Raises:
        UnreadableReleaseError: A line has no code and title, or a code stands twice.
    """
    entries: dict[str, tuple[str, bool]] = {}
    for number, line in _lines(data):
        plain, _, title = line.partition(" ")
        if not _PLAIN.fullmatch(plain.replace(".", "", 1)) or not title.strip():
            raise UnreadableReleaseError(
                name, number, f"expected a code such as M5416, blanks, and its title, not: {line[:60]}"
            )
        _add(entries, dotted(plain), (title.strip(), True), name, number)
    return _release(name, entries)


def _add(entries: dict[str, tuple[str, bool]], code: str, entry: tuple[str, bool], name: str, number: int) -> None:
    if code in entries:
        raise UnreadableReleaseError(name, number, f"{code} stands twice; each code is expected once.")
    entries[code] = (" ".join(entry[0].split()), entry[1])


def _lines(data: bytes) -> list[tuple[int, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _release(name: str, entries: dict[str, tuple[str, bool]]) -> Release:
    if not entries:
        raise UnreadableReleaseError(name, None, "is empty: expected one code a line.")
    fiscal_year, first, last = in_force(name)
    codes = with_parents(entries)
    categories = tuple(dict.fromkeys(code[:3] for code in entries))
    return Release(release_name(fiscal_year, first), fiscal_year, first, last, codes, (), categories)
