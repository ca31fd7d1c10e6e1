"""What the words of a case mean, beside the case: the ontology's individuals, and codes that it does not map.

The intake shapes are held against the case together with this part of the ontology, and with no more of it.
"""

from functools import cache, cached_property

from rdflib import OWL
from rdflib.term import Node

from reasoner.rdf.index import Hierarchy, Index
from reasoner.rdf.nodes import interned
from reasoner.terminology.ontology import declared_terms, hierarchy
from reasoner.terms import EDX, ICD10CM

_CODES = str(ICD10CM)
_DIAGNOSIS = interned(EDX.Diagnosis)
_MOST_REMEMBERED = 4_096  # sets of kinds


class CaseWithKnowledge(Index):
    """The index of a case in which the ontology's individuals have their kinds and every code is a diagnosis."""

    def __init__(self, index: Index) -> None:
        """Take over the statements of an index; nothing is copied."""
        self.statements = index.statements
        self.hierarchy = _tree()
        self._forward = index._forward
        self._own_kinds = index.kinds

    @cached_property
    def kinds(self) -> dict[Node, frozenset[Node]]:
        """For each node with a type, and each individual of the ontology, its types and every class above them."""
        found = _individuals().copy()
        for node, kinds in self._own_kinds.items():
            found[node] = _completed.get(kinds) or _with_codes(kinds)
        return found


class _TreeWithCodes(Hierarchy):
    """The class tree, in which a code that the ontology does not map is a diagnosis all the same."""

    def ancestors(self, cls: Node) -> frozenset[Node]:
        """The class itself and every class above it."""
        known = self._above.get(cls)
        if known is None:
            known = super().ancestors(cls) if cls in self.parents else frozenset({cls})
            if _DIAGNOSIS not in known and str(cls).startswith(_CODES):
                known |= super().ancestors(_DIAGNOSIS)
                if cls in self.parents:
                    self._above[cls] = known
        return known


def _with_codes(kinds: frozenset[Node]) -> frozenset[Node]:
    """The kinds of a node, of which a code makes it a diagnosis; what was asked before is remembered, up to a limit."""
    if len(_completed) >= _MOST_REMEMBERED:
        _completed.clear()
    unmapped = _DIAGNOSIS not in kinds and any(str(cls).startswith(_CODES) for cls in kinds)
    complete = _completed[kinds] = kinds | _tree().ancestors(_DIAGNOSIS) if unmapped else kinds
    return complete


_completed: dict[frozenset[Node], frozenset[Node]] = {}


@cache
def _tree() -> _TreeWithCodes:
    return _TreeWithCodes(hierarchy().parents)


@cache
def _individuals() -> dict[Node, frozenset[Node]]:
    tree = hierarchy()
    return {
        term: frozenset().union(*map(tree.ancestors, types))
        for term, types in declared_terms().items()
        if OWL.NamedIndividual in types
    }
