"""What a criterion is made of: its leaves, and the kinds and places of findings that a leaf names."""

from collections.abc import Iterator
from typing import Final

from rdflib import URIRef

from reasoner.policy.edition import Criterion
from reasoner.rdf.index import Hierarchy
from reasoner.shacl.shapes import And, ClassIs, Constraint, HasValue, NodeShape, Or, Path, Predicate, Qualified, Shape
from reasoner.terms import EDX

_PLACE: Final = Predicate(EDX.bodyRegion)


def leaves_of(criterion: Criterion) -> tuple[Criterion, ...]:
    """The criterion itself if it is a leaf, else the leaves below it that it asks to be met, in reading order."""
    if criterion.operator is None:
        return (criterion,)
    found = (leaf for member in criterion.members if not member.ruled_out for leaf in leaves_of(member.criterion))
    return tuple(dict.fromkeys(found))


def findings_asked_for(criterion: Criterion, tree: Hierarchy) -> tuple[URIRef, ...]:
    """The classes of findings that the shape of a leaf names, sorted; what stands under `sh:not` is left out."""
    found = {c.cls for _, c in _positive(criterion) if isinstance(c, ClassIs)}
    return tuple(sorted(cls for cls in found if EDX.Finding in tree.ancestors(cls)))


def places_asked_for(criterion: Criterion) -> tuple[URIRef, ...]:
    """The regions of the body that the shape of a leaf names as the place of something, sorted."""
    found = {c.value for path, c in _positive(criterion) if path == _PLACE and isinstance(c, HasValue)}
    return tuple(sorted(value for value in found if isinstance(value, URIRef)))


def _positive(criterion: Criterion) -> Iterator[tuple[Path | None, Constraint]]:
    """Every constraint that does not stand under `sh:not`, with the path of its property shape."""
    shape = criterion.affirmed or criterion.shape
    pending: list[Shape] = [] if shape is None else [shape]
    while pending:
        current = pending.pop()
        listed: list[tuple[Path | None, Constraint]] = [(None, c) for c in current.constraints]
        listed += [(prop.path, c) for prop in current.properties for c in prop.constraints]
        for path, constraint in listed:
            yield path, constraint
            match constraint:
                case NodeShape(inner) | Qualified(inner):
                    pending.append(inner)
                case And(several) | Or(several):
                    pending.extend(several)
