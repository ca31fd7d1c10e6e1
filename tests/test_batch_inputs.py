"""What a batch reads: every way to hand in cases gives the same cases, and nothing unbounded or outside is touched."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import CASES

from reasoner.batch import trig_stream
from reasoner.batch.archives import zstd
from reasoner.batch.case_streams import Cutter, Place, Stretch, cut_json_lines, cut_nquads
from reasoner.batch.inputs import Cursor, Inputs, Piece
from reasoner.batch.trig_stream import cut_trig
from reasoner.batch.worker import taken_in
from reasoner.case import Case
from reasoner.intake.admission import validate

EXAMPLES = sorted(CASES.glob("both-*/case.ttl"))
NEVER = lambda _graph, _piece: False  # noqa: E731
MOST = 1 << 20

TRIG = rb"""# a comment with PREFIX no: <http://no/> { and 'quotes
@prefix ex: <http://ex/#> . PREFIX rdfs: <http://r/#>
@base <http://base/> .
ex:a ex:b "x { y" , '''it's } ''' .
GRAPH ex:g1 { ex:a ex:b ''' } "" \''' {''' . # } comment
 ex:a <http://x/#y> 'q}' . ex:a ex:b @@@two " quotes "" and a \@@@ brace }@@@ }
<http://g2> # hello {
{ ex:c\-d ex:d "\\" } @prefix ex: <http://other/> .
_:g { ex:c ex:d ex:e }
{ ex:c ex:d ex:e }
[] { ex:c ex:d "" }
ex:z {ex:z a ""}
ex:tail a ex:b .
""".replace(b"@@@", b'"' * 3)
NQUADS = b"""<http://s> <http://p> "a" <http://g1> .
# a comment, <http://g9> .
<http://s> <http://p> "b \\" <http://g2> ." <http://g1> . # behind
<http://s> <http://p>\t<http://g1>.

<http://s> <http://p> <http://g1> _:g .
_:s <http://p> "x"@en _:g .
<http://s> <http://p> "y"^^<http://d> <http://g3> .\r
<http://s> <http://p> "z" <http://g3> .\r
"""


def stretches(cut: Cutter, data: bytes, place: Place | None = None, most: int = MOST) -> list[Stretch]:
    place = place or Place()
    stream = io.BytesIO(data)
    stream.seek(place.offset)
    return list(cut(stream, place, most))


def by_graph(data: bytes, form: ox.RdfFormat) -> dict[str, int]:
    found: dict[str, int] = {}
    for quad in ox.parse(data, form, rename_blank_nodes=False):
        name = str(quad.graph_name) if not isinstance(quad.graph_name, ox.BlankNode) else "blank"
        found[name] = found.get(name, 0) + 1
    return found


@pytest.mark.parametrize(("cut", "data", "form"), [(cut_trig, TRIG, ox.RdfFormat.TRIG), (cut_nquads, NQUADS, ox.RdfFormat.N_QUADS)], ids=["trig", "nquads"])  # fmt: skip
def test_a_cut_file_has_the_statements_of_the_whole_one(cut: Cutter, data: bytes, form: ox.RdfFormat) -> None:
    total: dict[str, int] = {}
    for stretch in stretches(cut, data):
        parts = by_graph(stretch.text, form)
        assert len(parts) <= 1, "a stretch holds one graph"
        for name, number in parts.items():
            total[name] = total.get(name, 0) + number
    assert total == by_graph(data, form)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 64])
def test_trig_is_cut_the_same_whatever_is_read_at_once(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = stretches(cut_trig, TRIG)
    assert len(expected) == 8
    monkeypatch.setattr(trig_stream, "_BLOCK", block)
    assert stretches(cut_trig, TRIG) == expected


@pytest.mark.parametrize(("cut", "data"), [(cut_trig, TRIG), (cut_nquads, NQUADS), (cut_json_lines, b'{"a":1}\n\n{}\n[1]')], ids=["trig", "nquads", "json"])  # fmt: skip
def test_cutting_goes_on_from_any_place(cut: Cutter, data: bytes) -> None:
    whole = stretches(cut, data)
    for number, stretch in enumerate(whole, 1):
        assert stretches(cut, data, stretch.after) == whole[number:]


def test_lines_are_counted_as_in_the_file() -> None:
    text = "@prefix ex: <http://ex/> .\n\nex:a { ex:s ex:p 1 }\n\n# more\nex:b {\n  ex:s ex:p 'no end }\n"
    *_, last = taken_in_text(text.encode(), "cases.trig")
    assert "line 7" in str(last.problems[0])  # type: ignore[union-attr]
    *_, last = taken_in_text(b'{"@id": "urn:a"}\n\n{"broken": }\n', "cases.ndjson")
    assert str(last.problems[0]).startswith("line 3, column 12: not JSON-LD")  # type: ignore[union-attr]


_LITERALS = st.text(st.sampled_from("ab\"'{}#<>@.\\\n é"), max_size=12)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.lists(_LITERALS, min_size=1, max_size=4)), max_size=6), st.integers(1, 40)
)
def test_whatever_a_literal_holds_it_cuts_no_graph(graphs: list[tuple[int, list[str]]], block: int) -> None:
    quads = [
        ox.Quad(
            ox.NamedNode("http://s"),
            ox.NamedNode("http://p"),
            ox.Literal(text),
            ox.NamedNode(f"http://g/{number}-{name}"),
        )
        for number, (name, texts) in enumerate(graphs)
        for text in dict.fromkeys(texts)
    ]
    names = list(dict.fromkeys(str(quad.graph_name) for quad in quads))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trig_stream, "_BLOCK", block)
        for cut, form in ((cut_trig, ox.RdfFormat.TRIG), (cut_nquads, ox.RdfFormat.N_QUADS)):
            found = stretches(cut, ox.serialize(quads, format=form))
            assert [str(stretch.graph, "utf-8") for stretch in found] == names
            assert [q for s in found for q in ox.parse(s.text, form)] == quads


def taken_in_text(data: bytes, name: str, folder: Path | None = None) -> Iterator[object]:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / name
        path.write_bytes(data)
        yield from [entry for piece in pieces(str(path)) for entry in taken_in(piece)]


def pieces(*arguments: str, start: Cursor | None = None) -> list[Piece]:
    return list(Inputs(arguments).pieces(start or Cursor(), NEVER))


# Ways to hand in cases ---------------------------------------------------------


def named_graphs(paths: list[Path]) -> list[ox.Quad]:
    return [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(f"urn:case:{number}"))
        for number, path in enumerate(paths)
        for q in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
    ]


def as_tar(kind: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with tarfile.open(path, f"w{kind}") as archive:  # type: ignore[call-overload]
            for example in EXAMPLES:
                archive.add(example, f"{example.parent.name}.ttl")

    return write


def as_tar_zst(path: Path) -> None:
    inner = path.with_suffix("")
    as_tar("")(inner)
    path.write_bytes(zstd.compress(inner.read_bytes()))
    inner.unlink()


def as_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for example in EXAMPLES:
            archive.write(example, f"{example.parent.name}.ttl")


def as_folder(path: Path) -> None:
    path.mkdir()
    for number, example in enumerate(EXAMPLES):
        place = path / f"{number:02}"
        place.mkdir()
        (place / "case.ttl").write_bytes(example.read_bytes())
    (path / "readme.txt").write_text("no case", "utf-8")
    (path / ".hidden.ttl").write_text("no case", "utf-8")


def as_graphs(form: ox.RdfFormat, pack: Callable[[bytes], bytes] = bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(pack(ox.serialize(named_graphs(EXAMPLES), format=form))))


def void(_: object) -> None: ...


def as_json_lines(path: Path) -> None:
    lines = [
        json.dumps(
            json.loads(ox.serialize(ox.parse(path=example, format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.JSON_LD))
        )
        for example in EXAMPLES
    ]
    path.write_text("\n".join(lines), "utf-8")


WAYS: dict[str, Callable[[Path], None]] = {
    "cases": as_folder,
    "cases.zip": as_zip,
    "cases.tar": as_tar(""),
    "cases.tar.gz": as_tar(":gz"),
    "cases.tgz": as_tar(":gz"),
    "cases.tar.bz2": as_tar(":bz2"),
    "cases.tar.xz": as_tar(":xz"),
    "cases.tar.zst": as_tar_zst,
    "cases.nq": as_graphs(ox.RdfFormat.N_QUADS),
    "cases.nq.gz": as_graphs(ox.RdfFormat.N_QUADS, gzip.compress),
    "cases.nq.bz2": as_graphs(ox.RdfFormat.N_QUADS, bz2.compress),
    "cases.trig": as_graphs(ox.RdfFormat.TRIG),
    "cases.trig.xz": as_graphs(ox.RdfFormat.TRIG, lzma.compress),
    "cases.trig.zst": as_graphs(ox.RdfFormat.TRIG, zstd.compress),
    "cases.ndjson": as_json_lines,
}


def digests(entries: Iterator[object] | list[object]) -> list[str]:
    found = []
    for entry in entries:
        assert isinstance(entry, Case), entry
        found.append(entry.digest)
    return found


@pytest.mark.parametrize("name", WAYS)
def test_every_way_to_hand_in_cases_gives_the_same_cases(name: str, tmp_path: Path) -> None:
    WAYS[name](tmp_path / name)
    expected = digests([entry for path in EXAMPLES for entry in validate(path).entries])
    found = pieces(str(tmp_path / name))
    assert digests(entry for piece in found for entry in taken_in(piece)) == expected
    for number in range(0, len(found), 3):
        assert pieces(str(tmp_path / name), start=found[number].after) == found[number + 1 :]


def test_patterns_and_folders_are_sorted_and_what_is_no_case_is_counted(tmp_path: Path) -> None:
    as_folder(tmp_path / "a")
    inputs = Inputs([str(tmp_path / "a"), str(tmp_path / "**" / "case.ttl")])
    found = [piece.source for piece in inputs.pieces(Cursor(), NEVER)]
    assert found == sorted(found[: len(EXAMPLES)]) * 2
    assert inputs.passed_over == {".txt": 1}
    assert inputs.survey().files == 2 * len(EXAMPLES)


@pytest.mark.parametrize(
    ("argument", "said"),
    [("nothing.ttl", "no such file"), ("*.nothing", "no such file|no RDF syntax"), ("empty", "no file of a known extension"),
     ("cases.csv", "names no RDF syntax"), ("nothing.zip", "no such file"), ("nothing.nq.gz", "no such file")],
)  # fmt: skip
def test_what_gives_no_case_is_refused_by_name(argument: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "cases.csv").write_text("a,b\n", "utf-8")
    (entry,) = (entry for piece in pieces(str(tmp_path / argument)) for entry in taken_in(piece))
    assert not isinstance(entry, Case)
    assert any(part in str(entry.problems[0]) for part in said.split("|"))  # type: ignore[attr-defined]


def test_a_graph_whose_statements_stand_apart_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "torn.nq"
    path.write_bytes(
        b"<urn:s> <urn:p> 'x' <urn:g> .\n".replace(b"'", b'"')
        + b'<urn:s> <urn:p> "x" <urn:h> .\n<urn:s> <urn:p> "y" <urn:g> .\n'
    )
    met: dict[bytes, int] = {}
    inputs = Inputs([str(path)])
    found = list(inputs.pieces(Cursor(), lambda graph, piece: met.setdefault(graph, piece) < piece))
    assert [bool(piece.problem) for piece in found] == [False, False, True]
    assert "<urn:g>" in found[2].problem
    assert "not of the whole case" in found[2].problem


# What must not happen ----------------------------------------------------------


def test_an_archive_writes_nothing_whatever_its_members_are_called(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = EXAMPLES[0].read_bytes()
    with zipfile.ZipFile(tmp_path / "in" / "slip.zip", "w") as archive:
        for name in ("../../outside.ttl", "/tmp/edx-outside.ttl", "a/../../b.ttl", "c:\\d.ttl", "\x1b[31mred.ttl"):
            archive.writestr(name, text)
    with tarfile.open(tmp_path / "in" / "slip.tar", "w") as archive:
        for name in ("../../outside.ttl", "/tmp/edx-outside.ttl"):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        link = tarfile.TarInfo("secret.ttl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = set(tmp_path.rglob("*"))
    entries = [entry for piece in pieces(str(tmp_path / "in")) for entry in taken_in(piece)]
    assert [isinstance(entry, Case) for entry in entries] == [True, True, False] + [True] * 5
    assert "a link" in str(entries[2].problems[0])  # type: ignore[union-attr]
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/tmp/edx-outside.ttl").exists()


class Zeros(io.RawIOBase):
    """A stream of so many spaces, made as they are read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        number = min(len(buffer), self.left)
        buffer[:number] = b" " * number
        self.left -= number
        return number


def bomb_zip(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.nq", "w") as member:
        for _ in range(size >> 20):
            member.write(b" " * (1 << 20))


def bomb_gz(path: Path, size: int) -> None:
    with gzip.open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(b" " * (1 << 20))


def bomb_tar_header(path: Path, size: int) -> None:
    """A tar archive whose extended header alone is large."""
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.XHDTYPE, size
    with gzip.open(path, "wb") as file:
        file.write(header.tobuf(tarfile.USTAR_FORMAT))
        for _ in range(size >> 20):
            file.write(b" " * (1 << 20))


@pytest.mark.parametrize(
    ("name", "write"),
    [("bomb.zip", bomb_zip), ("bomb.nq.gz", bomb_gz), ("bomb.ttl.gz", bomb_gz), ("bomb.trig.gz", bomb_gz), ("bomb.tar.gz", bomb_tar_header)],
)  # fmt: skip
def test_what_unpacks_to_too_much_is_refused_without_holding_it(
    name: str, write: Callable[[Path, int], None], tmp_path: Path
) -> None:
    write(tmp_path / name, 24 << 20)
    inputs = Inputs([str(tmp_path / name)], most=1 << 20, unpacked=16 << 20)
    tracemalloc.start()
    try:
        found = list(inputs.pieces(Cursor(), NEVER))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found
    assert all(piece.problem for piece in found)
    assert peak < 12 << 20


def test_an_archive_that_is_damaged_or_packed_again_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    as_zip(tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    as_tar(":gz")(tmp_path / "c.tar.gz")
    whole = (tmp_path / "c.tar.gz").read_bytes()
    (tmp_path / "c.tar.gz").write_bytes(whole[:-200])
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.write(tmp_path / "a.zip", "a.zip")
    (tmp_path / "e.nq.zst").write_bytes(b"\x28\xb5\x2f\xfd nothing")
    entries: dict[str, list[object]] = {}
    for piece in pieces(str(tmp_path)):
        entries.setdefault(piece.source.split("/")[-2] if "zip/" in piece.source else piece.source, []).extend(
            taken_in(piece)
        )
    refused = [str(entry.problems[0]) for found in entries.values() for entry in found if not isinstance(entry, Case)]  # type: ignore[attr-defined]
    assert len(refused) == 4
    assert sum("cannot be unpacked" in said for said in refused) == 3
    assert sum("inside an archive is not opened" in said for said in refused) == 1


@pytest.mark.parametrize("cut", [cut_trig, cut_nquads])
def test_a_long_file_is_cut_in_constant_memory(cut: Cutter) -> None:
    graph = b"<urn:g%d> {\n" + b'<urn:s> <urn:p> "some text" .\n' * 100 + b"}\n"
    if cut is cut_nquads:
        graph = b'<urn:s> <urn:p> "some text" <urn:g%d> .\n' * 100
    number = 3_000_000 // len(graph)
    made = (graph % ((n,) * graph.count(b"%d")) for n in range(number))

    class Stream(io.RawIOBase):
        left = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
            self.left = self.left or next(made, b"")
            part, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
            buffer[: len(part)] = part
            return len(part)

    tracemalloc.start()
    try:
        assert sum(1 for _ in cut(io.BufferedReader(Stream()), Place(), MOST)) == number
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize("cut", [cut_trig, cut_nquads, cut_json_lines])
def test_a_case_that_is_too_long_is_refused_and_named(cut: Cutter) -> None:
    one, long = b"<urn:g%d> { <urn:s> <urn:p> 'x' }\n", b"<urn:g%d> { <urn:s> <urn:p> '" + b"x" * 2_000_000 + b"' }\n"
    if cut is cut_nquads:
        one, long = b'<urn:s> <urn:p> "x" <urn:g%d> .\n', b'<urn:s> <urn:p> "' + b"x" * 2_000_000 + b'" <urn:g%d> .\n'
    elif cut is cut_json_lines:
        one, long = b'{"a": %d}\n', b'{"a": %d, "b": "' + b"x" * 2_000_000 + b'"}\n'
    found = stretches(cut, one % 1 + long % 2 + one % 3, most=1_000_000)
    assert [bool(stretch.problem) for stretch in found] == [False, True, False]
    assert all("too long for one case" in s.problem for s in found if s.problem)
