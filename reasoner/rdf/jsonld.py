"""JSON-LD without the network and without loss.

JSON-LD drops a key that no context declares and an identifier that it cannot resolve; a misspelt key would then be a
silent record. Here such a key expands to an IRI of its own below `UNDECLARED`, and the reader refuses it by name.
"""

import json
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from reasoner.errors import BeyondLimitError, UnreadableInputError
from reasoner.limits import DEFAULT, Limits
from reasoner.rdf.bounds import too_deep
from reasoner.rdf.nodes import known
from reasoner.resources import data_folder
from reasoner.terms import BASE, CONTEXT

UNDECLARED: Final = BASE + ".well-known/undeclared/"
RELATIVE: Final = BASE + ".well-known/relative/"
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_LABEL: Final = re.compile(r"[A-Za-z0-9]+")
_STRING: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"')
_MOST_DEFINED: Final = 1_000_000
"""So many definitions may be in force, summed over the places where a context begins; a parser copies them at each."""
_TOLD_AT_MOST: Final = 50
_CATCH_ALL: Final = {"@vocab": UNDECLARED}


@cache
def _local_context() -> dict[str, Any]:
    text = (data_folder("ontology") / "context.jsonld").read_text(encoding="utf-8")
    context: dict[str, Any] = _resolved_context(json.loads(text)["@context"], _Document(str(CONTEXT), ""), 0)
    return context


@cache
def _always_needed() -> frozenset[str]:
    """The entries of our context that others rest on: keywords, their aliases, prefixes."""
    return frozenset(
        key
        for key, value in _local_context().items()
        if key.startswith("@") or (isinstance(value, str) and (value.startswith("@") or "://" in value))
    )


def _context_for(text: str) -> dict[str, Any]:
    """The entries of our context that a document can use: a term or prefix stands in it as a string or before a colon.

    The parser reads a context anew for each document, so that one of some dozen entries saves most of its time.
    """
    words: set[str] = set()
    for word in _STRING.findall(text):
        said = json.loads(f'"{word}"') if "\\" in word else word
        words.update((said, said.partition(":")[0]))
    needed = _always_needed()
    return {key: value for key, value in _local_context().items() if key in words or key in needed}


def with_local_context(
    text: str, name: str, limits: Limits = DEFAULT, *, looks_like: Callable[[], str | None] = lambda: None
) -> bytes:
    """The same document with our published context written into it, and what no context declares made visible.

    Where it is no JSON, `looks_like` is asked what else it might be.

    Raises:
        UnreadableInputError: It is no JSON, or it refers to a remote context that is not ours.
        BeyondLimitError: Objects lie too deep inside each other, or contexts define too much.
    """
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _members(pairs, name))
        within = _Document(name, text, limits)
        document = _resolved(document, within, 0)
        within.check_definitions()
        if isinstance(document, list):
            document = {"@context": _CATCH_ALL, "@graph": document}
        elif isinstance(document, dict):
            document = {**document, "@context": _caught(document.get("@context", []))}
        else:
            raise UnreadableInputError(name, "not JSON-LD: the JSON is neither an object nor a list of objects.")
        return json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: not JSON-LD: {error.msg}."
        other = looks_like()
        if other:
            problem += f" The content looks like {other}: name the file accordingly or state the syntax."
        raise UnreadableInputError(name, problem) from None
    except UnicodeEncodeError:
        raise UnreadableInputError(name, "a character is half of a surrogate pair. Write both halves.") from None
    except RecursionError:
        raise BeyondLimitError(name, too_deep("objects and lists", limits)) from None
    except ValueError:
        raise UnreadableInputError(name, "a number in the JSON is too long.") from None


def _members(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        problem = f'the key "{twice}" stands twice in one object; only one of them would be read. Use a list.'
        raise UnreadableInputError(name, problem)
    return members


class _Document:
    """What the contexts of a document are resolved with."""

    def __init__(self, name: str, text: str, limits: Limits = DEFAULT) -> None:
        self.name = name
        self.deepest = limits.depth
        self._text = text
        self.objects = 0
        self.depth_of_contexts = 0
        self._in_force = self._read = self._scoped = 0

    @cached_property
    def local_context(self) -> dict[str, Any]:
        return _context_for(self._text)

    def begin(self, context: Any) -> int:
        """Count what a context defines for its object and all inside it; gives the number, for `end`."""
        parts = context if isinstance(context, list) else [context]
        defined = sum(len(part) for part in parts if isinstance(part, dict))
        if self.depth_of_contexts:
            self._scoped += defined  # it hangs on a word, and is read wherever that stands
        self._in_force += defined
        self._read += self._in_force
        self.check_definitions()
        return defined

    def end(self, defined: int) -> None:
        """The object ends to which a context belongs."""
        self._in_force -= defined

    def check_definitions(self) -> None:
        """Refuse contexts that would be read for ever.

        Raises:
            BeyondLimitError: What they define is too much, or is read too often.
        """
        if self._read + self.objects * self._scoped > _MOST_DEFINED:
            said = f"its contexts make the reader take up more than {_MOST_DEFINED:,} definitions"
            raise BeyondLimitError(self.name, f"{said}. State one context, at the top, or use {CONTEXT}.")


def _caught(context: Any) -> list[Any]:
    return [_CATCH_ALL, *(context if isinstance(context, list) else [context])]


def _resolved(value: Any, within: _Document, depth: int) -> Any:
    """Copy a JSON value with every context in it resolved."""
    if not isinstance(value, (dict, list)):
        return value
    if depth >= within.deepest:
        raise RecursionError
    if isinstance(value, list):
        return [_resolved(item, within, depth + 1) for item in value]
    within.objects += 1
    if "@context" not in value:
        return {
            key: _resolved(item, within, depth + 1) if isinstance(item, (dict, list)) else item
            for key, item in value.items()
        }
    context = _resolved_context(value["@context"], within, depth + 1)
    defined = within.begin(context)
    found = {key: context if key == "@context" else _resolved(item, within, depth + 1) for key, item in value.items()}
    within.end(defined)
    return found


def _resolved_context(context: Any, within: _Document, depth: int) -> Any:
    if depth > within.deepest:
        raise RecursionError
    if context is None:
        return [None, _CATCH_ALL]
    if isinstance(context, str):
        if context == str(CONTEXT):
            return within.local_context
        problem = f"the remote context {context} is not fetched. Use {CONTEXT} or write the context out."
        raise UnreadableInputError(within.name, problem)
    if isinstance(context, list):
        # a reset inside a list opens a list of its own, which JSON-LD does not nest: flatten one level
        parts: list[Any] = []
        for part in context:
            done = _resolved_context(part, within, depth + 1)
            parts.extend(done if isinstance(done, list) else [done])
        return parts
    if isinstance(context, dict):
        if "@import" in context:
            problem = f"the imported context {context['@import']} is not fetched. Write it out."
            raise UnreadableInputError(within.name, problem)
        within.depth_of_contexts += 1
        resolved: dict[str, Any] = _resolved(context, within, depth + 1)
        within.depth_of_contexts -= 1
        if "@vocab" in resolved and resolved["@vocab"] is None:
            resolved["@vocab"] = UNDECLARED
        return resolved
    return context


def well_named(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The same statements, all blank nodes renamed where one has a name that no other syntax allows.

    JSON-LD takes any text for the name of a blank node: written out in N-Triples it could pass for other statements.
    """
    quads = tuple(quads)
    blank = {term for quad in quads for term in _terms(quad) if isinstance(term, BlankNode)}
    if all(_LABEL.fullmatch(node.value) for node in blank):
        return quads
    named: dict[Any, Any] = {node: BlankNode(f"n{number}") for number, node in enumerate(blank)}
    return tuple(Quad(*[named.get(term, term) for term in _terms(quad)]) for quad in quads)


def _terms(quad: Quad) -> tuple[Any, ...]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def check_nothing_lost(quads: Iterable[Quad], name: str) -> None:
    """Refuse what JSON-LD would have dropped; the quads come from a lenient parse with `RELATIVE` as the base.

    Raises:
        UnreadableInputError: No context declares a key or value, or an identifier is relative or malformed.
    """
    problems: set[str] = set()
    iris: set[str] = set()
    for quad in quads:
        for term in _terms(quad):
            if type(term) is NamedNode:
                iris.add(term.value)
            elif type(term) is Literal:
                iris.add(term.datatype.value)
                if term.language and not _LANGUAGE.fullmatch(term.language):
                    problems.add(f'"{term.language}" is no language tag.')
    unclear = sorted(iri for iri in iris if known(iri) is None and _is_unclear(iri))
    for iri in unclear[:_TOLD_AT_MOST]:
        problems.update(_problems_of(iri))
    if problems:
        more = len(unclear) - _TOLD_AT_MOST
        told = sorted(problems)[:_TOLD_AT_MOST]
        raise UnreadableInputError(name, " ".join([*told, f"And {more:,} more such." if more > 0 else ""]).rstrip())


def _is_unclear(iri: str) -> bool:
    return iri.startswith((UNDECLARED, RELATIVE)) or not _IRI.fullmatch(iri)


def _problems_of(iri: str) -> Iterable[str]:
    if iri.startswith(UNDECLARED):
        word = iri.removeprefix(UNDECLARED)
        near = get_close_matches(word, [key for key in _local_context() if not key.startswith("@")], n=1)
        yield f'no context declares "{word}".' + (f' Did you mean "{near[0]}"?' if near else "")
    elif iri.startswith(RELATIVE):
        yield f'the identifier "{iri.removeprefix(RELATIVE)}" is relative. Write the IRI out or state "@base".'
    elif not _IRI.fullmatch(iri):
        yield f'"{iri}" is no IRI.'
