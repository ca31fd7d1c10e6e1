"""What cannot hold in a case, by the classes of its nodes alone."""

from collections.abc import Callable

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import And, ClassIs, Constraint, NodeShape, Or, Qualified, Shape

Possible = Callable[[Index], bool]


def possible(shape: Shape) -> Possible | None:
    """Whether the classes in a case leave it possible that a node conforms; nothing where the shape asks for none."""
    of_values = [constraint for prop in shape.properties for constraint in prop.constraints]
    qualified = [c for c in of_values if isinstance(c, Qualified) and c.minimum > 0]
    asked = [_under(constraint) for constraint in shape.constraints]
    return _all_of([*asked, *(possible(constraint.shape) for constraint in qualified)])


def _under(constraint: Constraint) -> Possible | None:
    match constraint:
        case ClassIs(cls):
            wanted = interned(cls)
            return lambda index: wanted in index.classes
        case NodeShape(shape):
            return possible(shape)
        case And(shapes):
            return _all_of([possible(shape) for shape in shapes])
        case Or(shapes):
            options = [possible(shape) for shape in shapes]
            given = [option for option in options if option is not None]
            if not given or len(given) < len(options):
                return None
            return lambda index: any(option(index) for option in given)
    return None


def _all_of(conditions: list[Possible | None]) -> Possible | None:
    given = [condition for condition in conditions if condition is not None]
    if len(given) < 2:
        return given[0] if given else None
    return lambda index: all(condition(index) for condition in given)
