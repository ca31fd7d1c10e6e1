"""The fewest statements of a case that give an answer by themselves.

Statements are taken away one by one while the answer stays the same. That takes time, so what has been found for one
case is remembered for every case that looks the same to the shape, statement by statement.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.evaluation.signatures import PROCEDURE, Asked, Pattern, Signatures
from reasoner.evaluation.views import ViewOf
from reasoner.rdf.index import Index, Triple
from reasoner.rdf.nodes import interned
from reasoner.recent import Recent
from reasoner.shacl.reached import reach_of
from reasoner.shacl.shapes import PropertyShape, Shape
from reasoner.terminology.procedures import procedure_class
from reasoner.terms import ICD10CM
from reasoner.validation.closures import compile_shape
from reasoner.validation.proof_steps import NO_ONE, Held, Proof, Prove
from reasoner.validation.proofs import Provers

_Place = tuple[PropertyShape, int]  # a property shape, and the name of the node that it starts from
_Found = tuple[tuple[int, ...], tuple[_Place, ...]]  # the places of the statements kept, and what spoke of every value
_OfView = tuple[tuple[int, ...], ...]  # the places of the statements
_MOST_REMEMBERED: Final = 256  # patterns for each ground, of which few have many
_TYPE: Final = interned(RDF.type)


class Ground:
    """Finds the fewest statements behind one answer, yes or no, of one shape."""

    def __init__(
        self, shape: Shape, *, holds: bool, provers: Provers, witnesses: Provers, signatures: Signatures
    ) -> None:
        """`provers` give all of the support, `witnesses` enough of it; figures are those of all of it."""
        asked = Asked.by(shape)
        self._prove: Prove = provers.shape(shape)
        self._witness = self._prove if asked.figures else witnesses.shape(shape)
        self._test = compile_shape(shape)
        self._holds = holds
        self._monotone = asked.monotone
        self._of_absence = not holds and asked.monotone  # what is not there is no statement
        self._provers = provers
        self._signatures = signatures
        self._figures = asked.figures
        self._of_each = asked.of_each
        self._of_nothing = asked.of_each and asked.of_nothing
        self._whole = asked.whole
        self._but_diagnoses = asked.but_diagnoses
        self._features = frozenset({*asked.features, PROCEDURE})
        self._narrow: dict[int, frozenset[tuple[str, Node]]] = {}
        self._known: Recent[object, _Found] = Recent(_MOST_REMEMBERED)

    def smallest(self, index: Index, node: Node) -> int:
        """Statements, as the bits of a number, of which none can go without changing the answer.

        Where the answer speaks of every value of a path, none can go without changing it or what it speaks of.
        """
        return self.steps(index, node)[1]

    def steps(self, index: Index, node: Node) -> tuple[int, int]:
        """The fewest statements that give the answer, and the fewest that give it about the same values."""
        key = (self, node)
        known: tuple[int, int] | None = index.remembered.get(key)
        if known is None:
            known = index.remembered[key] = self._steps(index, node)
        return known

    def support(self, index: Index, node: Node) -> int:
        """Every statement that takes part in the answer."""
        key = (self._prove, node)
        known: Proof | None = index.remembered.get(key)
        if known is None:
            known = index.remembered[key] = self._prove(index, node)
        return known[1]

    def _steps(self, index: Index, node: Node) -> tuple[int, int]:
        if self._of_absence:
            return 0, 0
        mask = self._witness(index, node)[1]
        if not mask and not self._of_nothing:
            return 0, 0
        pattern = self._signatures.pattern(index, mask, node)
        places, every = self._fewest(index, node, pattern, ())
        if len(places) < len(pattern.numbers):
            mask = pattern.kept(places)
        if not every:
            return mask, mask
        first = mask
        held = tuple((prop, pattern.terms[name]) for prop, name in every)
        for prop, start in held:
            mask |= self._provers.property(prop)(index, start)[1]
        pattern = self._signatures.pattern(index, mask, node)
        places, _ = self._fewest(index, node, pattern, held)
        return first, pattern.kept(places)

    def _fewest(self, index: Index, node: Node, pattern: Pattern, held: tuple[Held, ...]) -> _Found:
        name = pattern.terms.index
        spoken_of = tuple((prop, name(start)) for prop, start in held)
        told: tuple[object, ...] = _shown(index, pattern) if self._whole else self._narrowed(pattern.codes)
        if self._but_diagnoses:
            told += tuple(None if _is_diagnosis_code(term) else term for term in _shown(index, pattern))
        key = (pattern.outline, told, spoken_of)
        try:
            return self._known[key]
        except KeyError:
            return self._known.keep(key, self._search(index, node, pattern, held))

    def _narrowed(self, codes: tuple[int, ...]) -> tuple[frozenset[tuple[str, Node]], ...]:
        found = []
        for code in codes:
            narrow = self._narrow.get(code)
            if narrow is None:
                narrow = self._narrow[code] = self._signatures.sets[code] & self._features
            found.append(narrow)
        return tuple(found)

    def _search(self, index: Index, node: Node, pattern: Pattern, held: Sequence[Held]) -> _Found:
        kept = set(pattern.numbers)
        same = self._by_figures(index, node, held) if self._figures or held else None
        trial = Trial(index, pattern.numbers)
        before: set[int] = set()
        while kept != before:
            before = kept.copy()
            for number in sorted(before, key=lambda n: (_is_code(index, n), n), reverse=True):
                trial.take(number)
                if (self._test(trial, node) == self._holds) if same is None else same(trial):
                    kept.discard(number)
                else:
                    trial.put_back()
            if self._monotone:
                break  # or else what was needed at first need not be needed in the end
        of_all = self._prove(trial, node)[3] if self._of_each and not held else NO_ONE
        name = pattern.terms.index
        return (
            tuple([place for place, number in enumerate(pattern.numbers) if number in kept]),
            tuple((prop, name(start)) for prop, start in of_all),
        )

    def _by_figures(self, index: Index, node: Node, held: Sequence[Held]) -> Callable[[Index], bool]:
        """Whether the answer is the same over fewer statements, with the same figures and about the same values."""
        figures = self._prove(index, node)[2] if self._figures else ()
        reached = {(prop, start): reach_of(prop.path)(index, start).keys() for prop, start in held}

        def same(trial: Index) -> bool:
            holds, _, notes, every = self._prove(trial, node)
            return (holds, notes) == (self._holds, figures) and all(
                (prop, start) in every and reach_of(prop.path)(trial, start).keys() == values
                for (prop, start), values in reached.items()
            )

        return same


class Linked:
    """Finds the fewest statements behind what the node that leads to another is like, with the one that leads there.

    They are those of the node that leads, looked for once whatever it leads to, and the link.
    """

    def __init__(self, whole: Ground, predicate: Node, ground: Ground, view_of: ViewOf | None) -> None:
        """Take what looks for them.

        Args:
            whole: For what is led to; asked where several nodes lead there, or none.
            predicate: What leads there.
            ground: For the node that leads.
            view_of: What is seen of that node.
        """
        self._whole = whole
        self._predicate = predicate
        self._ground = ground
        self._view_of = view_of
        self._known: Recent[object, _OfView | None] = Recent(_MOST_REMEMBERED)

    def smallest(self, index: Index, node: Node) -> int:
        """As `Ground` gives them."""
        return self._found(index, node)[1]

    def steps(self, index: Index, node: Node) -> tuple[int, int]:
        """As `Ground` gives them."""
        first, final, _ = self._found(index, node)
        return first, final

    def support(self, index: Index, node: Node) -> int:
        """Every statement that takes part in the answer."""
        return self._found(index, node)[2]

    def _found(self, index: Index, node: Node) -> tuple[int, int, int]:
        starts = index.subjects(node, self._predicate)
        if len(starts) != 1:
            return *self._whole.steps(index, node), self._whole.support(index, node)
        (start,) = starts
        key = (self, start)
        known: tuple[int, int, int] | None = index.remembered.get(key)
        if known is None:
            known = index.remembered[key] = self._recalled(index, start)
        link = index.bit(start, self._predicate, node)
        first, final, support = known
        return first | link, final | link, support | link

    def _recalled(self, index: Index, start: Node) -> tuple[int, int, int]:
        """As for a node that looked the same."""
        view = None if self._view_of is None else self._view_of(index, start)
        if view is None:
            return self._found_out(index, start)
        try:
            known = self._known[view.key]
        except KeyError:
            found = self._found_out(index, start)
            places = tuple([p for mask in found if (p := view.places(mask)) is not None])
            self._known.keep(view.key, places if len(places) == len(found) else None)
            return found
        if known is None:
            return self._found_out(index, start)
        first, final, support = (view.mask(places) for places in known)
        return first, final, support

    def _found_out(self, index: Index, start: Node) -> tuple[int, int, int]:
        return *self._ground.steps(index, start), self._ground.support(index, start)


class Nothing:
    """Stands behind an answer that rests on what is not there."""

    def smallest(self, index: Index, node: Node) -> int:  # noqa: ARG002 - as the others are asked
        """No statement."""
        return 0

    def steps(self, index: Index, node: Node) -> tuple[int, int]:  # noqa: ARG002
        """No statement."""
        return 0, 0

    def support(self, index: Index, node: Node) -> int:  # noqa: ARG002
        """No statement."""
        return 0


class Joint:
    """Finds the fewest statements behind two answers of one node that are given together: a condition, and numbers.

    What rests on other statements can be looked for apart. Where the two share statements and do not agree on which of
    those can go, they are looked for together.
    """

    def __init__(self, condition: Ground | Linked, numbers: Ground, together: Ground) -> None:
        self._condition = condition
        self._numbers = numbers
        self._together = together

    def smallest(self, index: Index, node: Node) -> int:
        """As `Ground` gives them."""
        first, condition = self._condition.steps(index, node)
        numbers = self._numbers.smallest(index, node)
        shared = self._condition.support(index, node) & self._numbers.support(index, node)
        if (first ^ numbers) & shared or (condition ^ numbers) & shared:
            return self._together.smallest(index, node)
        return condition | numbers


class Trial(Index):
    """Some statements of a case, from which one can be taken and put back."""

    __slots__ = ("_taken", "_whole")

    changes = True

    def __init__(self, whole: Index, numbers: Iterable[int]) -> None:
        super().__init__([whole.statements[number] for number in numbers], whole.hierarchy)
        self._whole = whole
        self._taken: tuple[list[Node], int, Node, Triple] | None = None
        _ = self.classes  # what no statement says now, none will say later

    def take(self, number: int) -> None:
        """Take a statement away."""
        s, p, o = triple = self._whole.statements[number]
        values = self._forward[s][p]
        place = values.index(o)
        self._taken = values, place, values.pop(place), triple
        self._changed(s, p)

    def put_back(self) -> None:
        """Put back the statement that was taken last."""
        assert self._taken is not None
        values, place, value, (s, p, _) = self._taken
        values.insert(place, value)
        self._changed(s, p)

    def _changed(self, subject: Node, predicate: Node) -> None:
        self._backward.clear()
        self.remembered.clear()
        self.__dict__.pop("places", None)
        if predicate == _TYPE:
            types = self._forward[subject][predicate]
            self.kinds[subject] = self.hierarchy.ancestors_of_all(tuple(types)) if types else frozenset()


def _shown(index: Index, pattern: Pattern) -> tuple[Node | None, ...]:
    """The terms of a pattern that are no nodes of the case."""
    return tuple(None if index.predicates(term) else term for term in pattern.terms)


def _is_diagnosis_code(term: Node | None) -> bool:
    return isinstance(term, URIRef) and str.startswith(term, str(ICD10CM))


def _is_code(index: Index, number: int) -> bool:
    """The class of a procedure code goes first: the kind that a request states in words says the same more plainly."""
    _, predicate, value = index.statements[number]
    return predicate == _TYPE and procedure_class(value) is not None
