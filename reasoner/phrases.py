"""Statements of a case in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass

from rdflib import RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from reasoner.index import Index, Triple
from reasoner.procedures import procedure_class
from reasoner.terminology import icd10cm
from reasoner.terms import EDX, GENID, ICD10CM

_GENERIC = {EDX.Diagnosis, EDX.Request}
_BESIDE = (EDX.bodyRegion, EDX.spinalRegion, EDX.laterality)


@dataclass(frozen=True)
class Phrases:
    """Puts the statements of one case into words.

    `labels` are the labels of the ontology's terms.
    """

    index: Index
    labels: dict[URIRef, str]
    request: Node

    def statement(self, triple: Triple) -> str:
        """One statement, such as 'lumbar MRI: explains the presentation: yes'."""
        subject, predicate, value = triple
        if predicate == RDF.type:
            own = self._own_label(subject)
            if not own and procedure_class(value) and self._kinds(subject) != [value]:
                return f"{self.node(subject)}: {self.term(value)}"
            return f"{own}: recorded as {self.term(value)}" if own else f"{self.node(subject)}: recorded"
        if subject == self.request:
            return f"the request {self.term(predicate)}: {self.value(value)}"
        return f"{self.node(subject)}: {self.term(predicate)}: {self.value(value)}"

    def study(self, study: Node) -> str:
        """A requested study: its kind, region, side and number."""
        said = self.node(study)
        numbers = [str(n) for n in self.index.objects(study, EDX.quantity)]
        return f"{said}, number requested {', '.join(numbers)}" if numbers else said

    def value(self, value: Node) -> str:
        """What stands at the end of a statement."""
        if isinstance(value, Literal):
            return {"true": "yes", "false": "no"}.get(str(value), str(value))
        return self.term(value) if value in self.labels else self.node(value)

    def node(self, node: Node) -> str:
        """A node of the case: its own label, else its kind, with region and side where they are stated."""
        if node == self.request:
            return "the request"
        own = self._own_label(node)
        if own:
            return own
        types = self._kinds(node)
        if not types:
            return self.term(node) if node in self.labels else self._plain(node)
        beside = [self.term(v) for p in _BESIDE for v in self.index.objects(node, p)]
        return ", ".join([" and ".join(self.term(t) for t in types), *beside])

    def _kinds(self, node: Node) -> list[Node]:
        """The types that tell a node apart; that of a procedure code only where there is no other."""
        types = [t for t in self.index.objects(node, RDF.type) if t not in _GENERIC]
        coded = [t for t in types if procedure_class(t)]
        return [t for t in types if t not in coded and t != EDX.ElectrodiagnosticStudy] or coded or types

    def side(self, triples: Iterable[Triple]) -> str:
        """One side of a contradiction: what is stated, without how it hangs on the request and how sure it is."""
        told = [
            (s, p, o)
            for s, p, o in triples
            if p != EDX.certainty and not (s == self.request and any(self.index.objects(o, RDF.type)))
        ]
        return "; ".join(dict.fromkeys(self.statement(triple) for triple in told or triples))

    def _own_label(self, node: Node) -> str | None:
        return next((str(label) for label in self.index.objects(node, RDFS.label)), None)

    def term(self, term: Node) -> str:
        """A term of the ontology, or a code with its title."""
        code = str(term).removeprefix(str(ICD10CM))
        if code != str(term):
            known = icd10cm(code)
            return f"{code} ({known.title})" if known else code
        label = self.labels.get(URIRef(str(term)), self._plain(term))
        coded = procedure_class(term)
        return f"procedure code {coded.code}: {label}" if coded else label

    def _plain(self, node: Node) -> str:
        text = str(node)
        return "an unnamed node" if text.startswith(GENID) else text.rpartition("#")[2].rpartition("/")[2] or text
