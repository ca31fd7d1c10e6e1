"""What a query may not be, found in its text before the engine's parser sees it."""

import re
from typing import Final

from reasoner.errors import QueryError, QueryLimitError
from reasoner.query.limits import QueryLimits, how_to_raise

# Whatever may hide a bracket or a word. A name may hold escaped characters (`ex:a\#b`), so that the escape goes first.
# What looks like an IRI may be a comparison (`?a<((1))&&?b>1`), so that its brackets and operators still count.
_OPAQUE: Final = re.compile(
    r"""\\.|(?P<iri><[^<>"{}|^`\\\s]*>)"""
    r'''|"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''''
    r"""|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|\#[^\n\r]*""",
    re.DOTALL,
)
_WORD_BEFORE: Final = r"(?<![\w:?$@\\-])"
_FORBIDDEN: Final = re.compile(
    rf"{_WORD_BEFORE}(SERVICE|LOAD|FROM|(?P<update>INSERT|DELETE|CLEAR|DROP|CREATE|COPY|MOVE|ADD|WITH))(?![\w:])",
    re.IGNORECASE,
)
_VALUES: Final = re.compile(
    rf"{_WORD_BEFORE}VALUES\s*(?:[?$]\w+|\((?:\s*[?$]\w+)*\s*\))\s*\{{[^{{}}]*\}}", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"[?$]?(?:\w*:)?\w+|\S")


def check_query(text: str, limits: QueryLimits | None = None) -> None:
    """Refuse what must not reach the engine, before its parser sees it.

    Raises:
        QueryLimitError: The query is too long or too deeply nested.
        QueryError: The query asks for `SERVICE`, `LOAD` or `FROM`, or is an update.
    """
    limits = limits or QueryLimits()
    if len(text) > limits.length:
        raise QueryLimitError(
            f"The query has {len(text)} characters; at most {limits.length} are read. {how_to_raise('length')}"
        )
    forbidden = _FORBIDDEN.search(_OPAQUE.sub(" ", text))
    if forbidden and forbidden["update"]:
        raise QueryError(
            f"The query uses {forbidden[1].upper()}, which is for updates. A query reads what is loaded, and changes "
            "nothing; use SELECT, ASK, CONSTRUCT or DESCRIBE."
        )
    if forbidden:
        raise QueryError(
            f"The query uses {forbidden[1].upper()}. Nothing outside the loaded graphs is read; "
            "use GRAPH to choose one of them."
        )
    bare = _OPAQUE.sub(_bare, text)
    depth = deepest = 0
    for character in bare:
        depth += (character in "{([") - (character in "})]")
        deepest = max(deepest, depth)
    if deepest > limits.depth:
        raise QueryLimitError(
            f"The query nests {deepest} levels deep; at most {limits.depth} are read. {how_to_raise('depth')}"
        )
    words = len(_TOKEN.findall(_VALUES.sub(" VALUES ?x {} ", bare)))
    if words > limits.words:
        raise QueryLimitError(
            f"The query has {words} words and signs; at most {limits.words} are read beside VALUES blocks. "
            f"Put long lists into VALUES. {how_to_raise('words')}"
        )


def _bare(match: re.Match[str]) -> str:
    return " x " + re.sub(r"\w+", " ", match["iri"][1:-1]) if match["iri"] else " x "
