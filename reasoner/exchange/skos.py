"""Mapping sets as SKOS: triples for what a set affirms, each with its SSSOM metadata in an axiom annotation.

A denied row (`predicate_modifier` Not) has no triple of its own: it is an `owl:NegativePropertyAssertion`, which says
that the triple does not hold. A row that found no term is an `sssom:Mapping` alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rdflib import Literal, URIRef

from reasoner.terminology.mappings import NO_TERM, Mapping, MappingSet

_OWN: Final = {
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_JUSTIFICATION: Final = URIRef("https://w3id.org/semapv/vocab/ManualMappingCuration")
_HEADER: Final = (("title", "dcterms:title"), ("description", "dcterms:description"))
_STATED: Final = {"edx_role": "role", "edx_item": "item"}


def skos_turtle(selections: Iterable[tuple[MappingSet, Sequence[Mapping]]]) -> str:
    """Some rows of some mapping sets in Turtle, in the order of the sets; only prefixes that are used are declared."""
    chosen = list(selections)
    prefixes = dict(_OWN)
    for mapping_set, _ in chosen:
        prefixes.update(mapping_set.prefixes)
    blocks = [block for mapping_set, rows in chosen for block in _Writer(mapping_set, prefixes).blocks(rows)]
    text = "\n\n".join(blocks) + "\n"
    used = {
        match[1] for match in re.finditer(r"(?<![\w\"<:/])([A-Za-z][\w.-]*):(?=[A-Za-z0-9_])", _without_texts(text))
    }
    declared = "".join(f"@prefix {name}: <{prefixes[name]}> .\n" for name in sorted(used & prefixes.keys()))
    return f"{declared}\n{text}"


def _without_texts(turtle: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", turtle)


class _Writer:
    """Writes the rows of one set with the prefixes of all."""

    def __init__(self, mapping_set: MappingSet, prefixes: dict[str, str]) -> None:
        self._set = mapping_set
        self._prefixes = prefixes
        declared = mapping_set.metadata.get("extension_definitions")
        listed = declared if isinstance(declared, list) else []
        self._slots = {entry["slot_name"]: entry["property"] for entry in listed if isinstance(entry, dict)}

    def blocks(self, rows: Sequence[Mapping]) -> Iterator[str]:
        yield self._about_the_set()
        annotated = ("owl:annotatedSource", "owl:annotatedProperty", "owl:annotatedTarget")  # SSSOM's own for its slots
        for row in rows:
            if row.object == NO_TERM:
                yield self._node("sssom:Mapping", self._mapped(*annotated, row), row)
            elif row.negated:
                properties = ("owl:sourceIndividual", "owl:assertionProperty", "owl:targetIndividual")
                denied = ("sssom:predicate_modifier sssom:NegatedPredicate",)
                yield self._node("owl:NegativePropertyAssertion", (*self._mapped(*properties, row), *denied), row)
            else:
                subject, predicate = self._iri(row.subject), self._iri(row.predicate)
                yield f"{subject} {predicate} {self._iri(self._set.iri(row.object))} ."
                yield self._node("owl:Axiom", self._mapped(*annotated, row), row)

    def _about_the_set(self) -> str:
        metadata = self._set.metadata
        lines = ["a sssom:MappingSet"]
        for name, term in _HEADER:
            if text := metadata.get(f"mapping_set_{name}"):
                lines.append(f"{term} {_text(text)}")
        lines.append(f"dcterms:license <{metadata['license']}>")
        if notice := metadata.get("comment"):
            lines.append(f"rdfs:comment {_text(notice)}")
        lines.append(f"owl:versionInfo {_text(self._set.version)}")
        lines.extend(
            f"sssom:{side}_source_version {_text(version)}"
            for side in ("subject", "object")
            if (version := metadata.get(f"{side}_source_version"))
        )
        return f"<{metadata['mapping_set_id']}>\n    " + " ;\n    ".join(lines) + " ."

    def _mapped(self, source: str, predicate: str, target: str, row: Mapping) -> tuple[str, ...]:
        return (
            f"{source} {self._iri(row.subject)}",
            f"{predicate} {self._iri(row.predicate)}",
            f"{target} {self._iri(self._set.iri(row.object))}",
        )

    def _node(self, kind: str, mapped: Iterable[str], row: Mapping) -> str:
        return "[]\n    " + " ;\n    ".join((f"a {kind}", *mapped, *self._metadata(row))) + " ."

    def _metadata(self, row: Mapping) -> Iterator[str]:
        yield f"sssom:mapping_justification {self._iri(_JUSTIFICATION)}"
        yield f"sssom:confidence {row.confidence}"
        if row.object_label:
            yield f"sssom:object_label {_text(row.object_label)}"
        if row.comment:
            yield f"rdfs:comment {_text(row.comment)}"
        for slot, term in self._slots.items():
            for value in self._values(row, slot):
                yield f"{term} {value}"
        yield f"dcterms:isPartOf <{self._set.metadata['mapping_set_id']}>"

    def _values(self, row: Mapping, slot: str) -> Iterator[str]:
        if slot in ("edx_class", "edx_clause"):
            iri = row.edx_class if slot == "edx_class" else row.clause
            if iri is not None:
                yield self._iri(iri)
        elif slot == "edx_excluded_roots":
            yield from (_text(root) for root in row.excluded_roots)
        elif text := getattr(row, _STATED[slot]) if slot in _STATED else row.extra.get(slot):
            yield _text(text)

    def _iri(self, iri: URIRef) -> str:
        for prefix, namespace in sorted(self._prefixes.items(), key=lambda pair: -len(pair[1])):
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri.removeprefix(namespace)):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri.n3()


def _text(value: object) -> str:
    return Literal(str(value)).n3()
