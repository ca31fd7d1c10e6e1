"""A long TriG file to its graphs, one after another, each with the prefixes that hold for it.

Strings, IRIs, comments and braces are followed, and nothing else of the grammar: the reader judges each text by itself.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from reasoner.batch.case_streams import DEFAULT_GRAPH, Place, Stretch, too_long

_BLOCK: Final = 1 << 18
_LONGEST_IRI: Final = 8192
_END: Final = 2**62
_NO_BREAK: Final = re.compile(rb"[^\n]")
_STRING: Final = (
    rb'"""(?>[^"\\]+|\\.|"{1,2}(?!"))*"""'
    rb"|'''(?>[^'\\]+|\\.|'{1,2}(?!'))*'''"
    rb'|"(?!")(?>[^"\\\n\r]+|\\.)*"'
    rb"|'(?!')(?>[^'\\\n\r]+|\\.)*'"
    rb"|\"\"(?!\")(?=.)|''(?!')(?=.)"
)
_IRI: Final = rb'<[^<>"{}|^`\s]*>'
_NO_BRACE: Final = re.compile(rb"(?>[^{}\"'#\\<]+|" + _IRI + rb"|" + _STRING + rb"|#[^\n]*\n|\\.)*", re.DOTALL)
"""As far as there is no brace, and nothing whose end is not there yet."""
_BESIDE: Final = re.compile(
    _STRING + rb"|(?P<directive>@(?:prefix\s+[^\s:<]*:|base|version)\s*(?:<[^>]*>|\"[^\"]*\")\s*\."
    rb"|(?<![^\s.>])(?:(?i:prefix)\s+[^\s:<]*:|(?i:base\b))\s*<[^>]*>)|" + _IRI + rb"|\\.|(?P<comment>#[^\n]*)",
    re.DOTALL,
)
_PREFIX: Final = re.compile(rb"(?i:@?prefix)\s+([^\s:<]*):\s*<([^>]*)>")
_LABEL: Final = re.compile(
    rb"(?:^|(?<=[\s.}]))(?:(?i:graph)\b\s*)?(?P<name><[^>]*>|_:[^\s<>\"]+|[^\s<>\"@]*:[^\s<>\"]*|\[\s*\])?\s*$"
)


def cut_trig(stream: BinaryIO, place: Place, most: int) -> Iterator[Stretch]:
    """Each graph in braces; statements outside of braces are of the default graph."""
    return _TrigCutter(stream, place, most).cut()


class _TrigCutter:
    """Holds the text from the end of the last graph on, and what is declared by then."""

    def __init__(self, stream: BinaryIO, place: Place, most: int) -> None:
        self.stream = stream
        self.most = most
        self.buffer = b""
        self.start = 0  # in the buffer, of what has not been given out
        self.place = place  # of the same, in the file
        self.directives: dict[bytes, bytes] = {}
        self.prefixes: dict[bytes, bytes] = {}
        self._blanked(place.header)

    def cut(self) -> Iterator[Stretch]:
        scanned, depth, opened, ended = 0, 0, 0, False
        while not ended:
            block = self.stream.read(max(_BLOCK, len(self.buffer) - self.start))
            ended = not block
            scanned, opened = scanned - self.start, opened - self.start
            self.buffer, self.start = self.buffer[self.start :] + block, 0
            while True:
                passed = _NO_BRACE.match(self.buffer, scanned)
                scanned = passed.end() if passed else scanned
                said = self.buffer[scanned : scanned + 1]
                if not said or (not ended and self._may_go_on(said, scanned)):
                    break
                scanned += 1
                if said == b"{":
                    opened = opened if depth else scanned - 1
                    depth += 1
                elif said == b"}" and depth:
                    depth -= 1
                    if not depth:
                        yield from self._graph(opened, scanned)
            if len(self.buffer) - self.start > self.most + _BLOCK:
                problem = f"{too_long(self.most)} Nothing of the file after line {self.place.line} was read."
                yield Stretch(b"", self.place.line, Place(_END), DEFAULT_GRAPH, problem)
                return
        yield from self._graph(opened if depth else len(self.buffer), len(self.buffer))

    def _may_go_on(self, said: bytes, start: int) -> bool:
        """Whether more text could make something whole of what begins here."""
        if said in (b'"', b"'"):
            left = len(self.buffer) - start
            long = left < 3 or self.buffer.startswith(said * 3, start)
            return long or self.buffer.find(b"\n", start) < 0
        if said == b"<":
            return len(self.buffer) - start < _LONGEST_IRI
        return said in (b"#", b"\\")

    def _graph(self, opened: int, end: int) -> Iterator[Stretch]:
        """What stands before a graph, if it is more than prefixes, and the graph; or what stands after the last one."""
        before = self._blanked(self.buffer[self.start : opened])
        label = _LABEL.search(before) if opened < end else None
        middle = self.start + (label.start() if label else len(before))
        if before[: middle - self.start].strip():
            yield self._stretch(before[: middle - self.start], middle, DEFAULT_GRAPH)
        if opened < end:
            yield self._stretch(self.buffer[middle:end], end, self._name(label["name"] if label else None), middle)
        else:
            self._move_to(end)

    def _stretch(self, text: bytes, end: int, graph: bytes | None, start: int | None = None) -> Stretch:
        if start is not None:
            self._move_to(start)
        first, header = self.place.line, b" ".join(self.directives.values())
        self._move_to(end)
        problem = too_long(self.most) if len(text) > self.most else ""
        if header:
            text, first = header + b"\n" + text, first - 1
        return Stretch(b"" if problem else text, first, self.place, graph, problem)

    def _move_to(self, end: int) -> None:
        lines = self.buffer.count(b"\n", self.start, end)
        header = b" ".join(self.directives.values())
        self.place = Place(self.place.offset + end - self.start, self.place.line + lines, header)
        self.start = end

    def _blanked(self, text: bytes) -> bytes:
        """The text without comments and what it declares, which is kept; every place in it stays where it was."""

        def blank(found: re.Match[bytes]) -> bytes:
            directive = found["directive"]
            if directive is None and found["comment"] is None:
                return found[0]
            if directive is not None:
                prefix = _PREFIX.match(directive)
                self.directives[prefix[1] if prefix else directive[:4].lower()] = directive
                if prefix:
                    self.prefixes[prefix[1]] = prefix[2]
            return _NO_BREAK.sub(b" ", found[0])

        return _BESIDE.sub(blank, text)

    def _name(self, said: bytes | None) -> bytes | None:
        """The graph as the file names it, a prefixed name written out; None where it has no name to meet again."""
        if said is None:
            return DEFAULT_GRAPH
        if said.startswith(b"["):
            return None
        prefix, colon, local = said.partition(b":")
        known = self.prefixes.get(prefix) if colon and not said.startswith((b"<", b"_:")) else None
        return said if known is None else b"<" + known + local + b">"
