"""JSON-LD without the network and without loss.

JSON-LD drops a key that no context declares and an identifier that it cannot resolve; a misspelt key would then be a
silent record. Here such a key expands to an IRI of its own below `UNDECLARED`, and the reader refuses it by name.
"""

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from reasoner.errors import UnreadableInputError
from reasoner.resources import data_folder
from reasoner.terms import BASE, CONTEXT

UNDECLARED: Final = BASE + ".well-known/undeclared/"
RELATIVE: Final = BASE + ".well-known/relative/"
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DEEPEST: Final = 200
_CATCH_ALL: Final = {"@vocab": UNDECLARED}


@cache
def _local_context() -> dict[str, Any]:
    text = (data_folder("ontology") / "context.jsonld").read_text(encoding="utf-8")
    context: dict[str, Any] = json.loads(text)["@context"]
    return context


def with_local_context(text: str, name: str, *, looks_like: str | None = None) -> str:
    """The same document with our published context written into it, and what no context declares made visible.

    Raises:
        UnreadableInputError: It is no JSON, or it refers to a remote context that is not ours.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(found)
        if len(members) < len(found):
            seen: set[str] = set()
            twice = next(key for key, _ in found if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            problem = f'the key "{twice}" stands twice in one object; only one of them would be read. Use a list.'
            raise UnreadableInputError(name, problem)
        return members

    try:
        document = _resolved(json.loads(text, object_pairs_hook=pairs), name, 0)
        if isinstance(document, list):
            document = {"@context": _CATCH_ALL, "@graph": document}
        elif isinstance(document, dict):
            document = {**document, "@context": _caught(document.get("@context", []))}
        else:
            raise UnreadableInputError(name, "not JSON-LD: the JSON is neither an object nor a list of objects.")
        return json.dumps(document, ensure_ascii=False)
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: not JSON-LD: {error.msg}."
        if looks_like:
            problem += f" The content looks like {looks_like}: name the file accordingly or state the syntax."
        raise UnreadableInputError(name, problem) from None
    except (RecursionError, ValueError):
        raise UnreadableInputError(name, "the JSON is nested too deeply, or a number in it is too long.") from None


def _caught(context: Any) -> list[Any]:
    return [_CATCH_ALL, *(context if isinstance(context, list) else [context])]


def _resolved(value: Any, name: str, depth: int) -> Any:
    """Copy a JSON value with every context in it resolved."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, list):
        return [_resolved(item, name, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _resolved_context(item, name, depth + 1) if key == "@context" else _resolved(item, name, depth + 1)
        for key, item in value.items()
    }


def _resolved_context(context: Any, name: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise RecursionError
    if context is None:
        return [None, _CATCH_ALL]
    if isinstance(context, str):
        if context == str(CONTEXT):
            return _resolved_context(_local_context(), name, depth + 1)
        problem = f"the remote context {context} is not fetched. Use {CONTEXT} or write the context out."
        raise UnreadableInputError(name, problem)
    if isinstance(context, list):
        # a reset inside a list opens a list of its own, which JSON-LD does not nest: flatten one level
        parts: list[Any] = []
        for part in context:
            done = _resolved_context(part, name, depth + 1)
            parts.extend(done if isinstance(done, list) else [done])
        return parts
    if isinstance(context, dict):
        if "@import" in context:
            problem = f"the imported context {context['@import']} is not fetched. Write it out."
            raise UnreadableInputError(name, problem)
        resolved: dict[str, Any] = _resolved(context, name, depth + 1)
        if "@vocab" in resolved and resolved["@vocab"] is None:
            resolved["@vocab"] = UNDECLARED
        return resolved
    return context


def check_nothing_lost(quads: Iterable[Quad], name: str) -> None:
    """Refuse what JSON-LD would have dropped; the quads come from a lenient parse with `RELATIVE` as the base.

    Raises:
        UnreadableInputError: No context declares a key or value, or an identifier is relative or malformed.
    """
    problems: set[str] = set()
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode):
                problems.update(_problems_of(term.value))
        if isinstance(quad.object, Literal):
            problems.update(_problems_of(quad.object.datatype.value))
            language = quad.object.language
            if language and not _LANGUAGE.fullmatch(language):
                problems.add(f'"{language}" is no language tag.')
    if problems:
        raise UnreadableInputError(name, " ".join(sorted(problems)))


def _problems_of(iri: str) -> Iterable[str]:
    if iri.startswith(UNDECLARED):
        word = iri.removeprefix(UNDECLARED)
        near = get_close_matches(word, [key for key in _local_context() if not key.startswith("@")], n=1)
        yield f'no context declares "{word}".' + (f' Did you mean "{near[0]}"?' if near else "")
    elif iri.startswith(RELATIVE):
        yield f'the identifier "{iri.removeprefix(RELATIVE)}" is relative. Write the IRI out or state "@base".'
    elif not _IRI.fullmatch(iri):
        yield f'"{iri}" is no IRI.'
