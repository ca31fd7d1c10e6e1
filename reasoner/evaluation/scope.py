"""Which of the criteria speak of one requested study: nothing about other studies, and exclusions apart."""

from rdflib.term import Node

from reasoner.evaluation.criteria import Assessment, Part, Status, all_of, contribution
from reasoner.policy.edition import Operator
from reasoner.policy.outline import Outline


class Scope:
    """The coverage criteria for the study in question, one study after the other."""

    def __init__(self, outline: Outline, request: Node) -> None:
        """Begin with no study in question."""
        self.outline = outline
        self.study = request

    def bears_on(self, part: Part) -> bool:
        """Whether a part belongs to the coverage of the study."""
        assessment = part.assessment
        criterion = assessment.criterion
        if criterion in self.outline.exclusions:
            return False
        return criterion in self.outline.of_request or same(assessment.focus, self.study)

    def restricted(self, assessment: Assessment) -> Status:
        """The status of the coverage criteria for the study."""
        criterion = assessment.criterion
        if criterion.operator is not Operator.ALL or criterion in self.outline.plain:
            return assessment.status
        return all_of([self.value(part) for part in assessment.parts if self.bears_on(part)])

    def value(self, part: Part) -> Status:
        """What a part contributes for the study."""
        return contribution(self.restricted(part.assessment), ruled_out=part.ruled_out)


def same(one: Node, other: Node) -> bool:
    """Whether two nodes are the same, quickly."""
    return one is other or (hash(one) == hash(other) and one == other)
