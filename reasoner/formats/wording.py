"""The words and symbols in which the formats for people speak of statuses, outcomes and parts of a report.

Statuses are told apart by a symbol and a word, and only then by colour.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reasoner.evaluation.criteria import Status
from reasoner.evaluation.determination import Outcome
from reasoner.report.view import Assessment, Clause, Kind, Note, Quotation, StudyDetermination

FOOTER: Final = "This is a recommendation to a human reviewer; it decides no care."


class Title(StrEnum):
    """The sections of a report, in the order in which every format for people shows them."""

    NOTICES = "Please note"
    STUDIES = "Outcome of each study"
    DECISIVE = "What decided it"
    TREE = "Every criterion"
    CONFLICTS = "Conflicts in the record"
    SETTLING = "What would settle the open questions"
    ASSUMPTIONS = "Assumptions"
    READINGS = "How the policy was read"
    ADVICE = "Advice, which decides nothing"
    CITATIONS = "Citations"


class Role(StrEnum):
    """What a criterion is there for, which chooses the words for its status."""

    REQUIREMENT = "requirement"
    EXCLUSION = "exclusion"
    CONDITION = "condition"


class Tone(StrEnum):
    """How a status or an outcome bears on the request; the formats colour by it."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Mark:
    """A status or an outcome as a reader meets it."""

    symbol: str
    word: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.symbol} {self.word}"


OPEN: Final = Mark("?", "open", Tone.OPEN)
_NOT_APPLICABLE: Final = Mark("\N{EN DASH}", "not applicable", Tone.NEUTRAL)
STATUS_MARKS: Final[dict[Role, dict[Status, Mark]]] = {
    role: {Status.MET: met, Status.REFUTED: refuted, Status.UNDETERMINED: OPEN, Status.NOT_APPLICABLE: _NOT_APPLICABLE}
    for role, met, refuted in (
        (Role.REQUIREMENT, Mark("✔", "met", Tone.GOOD), Mark("✘", "not met", Tone.BAD)),
        (Role.EXCLUSION, Mark("✘", "applies", Tone.BAD), Mark("✔", "ruled out", Tone.GOOD)),
        (Role.CONDITION, Mark("●", "holds", Tone.NEUTRAL), Mark("○", "does not hold", Tone.NEUTRAL)),
    )
}
OUTCOME_MARKS: Final[dict[Outcome, Mark]] = {
    Outcome.MEDICALLY_NECESSARY: Mark("✔", "medically necessary", Tone.GOOD),
    Outcome.NOT_MEDICALLY_NECESSARY: Mark("✘", "not medically necessary", Tone.BAD),
    Outcome.EXPERIMENTAL_INVESTIGATIONAL: Mark("✘", "experimental or investigational", Tone.BAD),
    Outcome.ADDITIONAL_INFORMATION_NEEDED: Mark("?", "additional information needed", Tone.OPEN),
}
_JOINING: Final[dict[Kind, str]] = {
    Kind.ALL_OF: "all of these",
    Kind.ANY_OF: "at least one of these",
    Kind.EACH_OF: "each of these",
    Kind.CONDITIONAL: "asked for only if the condition holds",
    Kind.LEAF: "",
}


def joining(assessment: Assessment) -> str:
    """How the criterion rests on its parts; empty where it has none."""
    return _JOINING[assessment.kind] if assessment.parts else ""


def heading(assessment: Assessment, parent: Assessment | None = None) -> str:
    """What the line of an assessment is about: its place below a condition, the study, the criterion."""
    label, study = assessment.criterion.label, assessment.focus_label
    if study is None:
        title = headline(label)
    elif parent is not None and parent.criterion.iri == assessment.criterion.iri:
        title = headline(study)
    elif parent is not None and parent.focus == assessment.focus:
        title = headline(label)
    else:
        title = f"{headline(label)} ({study})"
    if parent is not None and parent.kind is Kind.CONDITIONAL:
        return f"{'If' if assessment.iri == parent.parts[0].iri else 'Then'}: {title}"
    return title


def asked(assessment: Assessment) -> str:
    """What would have to be documented to settle an open criterion, and for which study."""
    what = assessment.documentation or assessment.criterion.label
    return f"{what} ({assessment.focus_label})" if assessment.focus_label else what


def headline(label: str) -> str:
    """A label as the start of a line; words with capitals of their own stay as they are."""
    first = label.split(" ", 1)[0]
    return label[:1].upper() + label[1:] if first == first.lower() else label


def in_one_line(sentences: Sequence[str]) -> str:
    """Sentences or phrases in one line; a single one stays as it is."""
    return "; ".join(s.removesuffix(".") for s in sentences) if len(sentences) > 1 else "".join(sentences)


def listing(labels: Sequence[str]) -> str:
    """Labels in one line, separated by semicolons where a comma would mislead."""
    return ("; " if any("," in label for label in labels) else ", ").join(labels)


def studies_named(studies: Sequence[StudyDetermination]) -> str:
    """The studies by name."""
    return "; ".join(study.label for study in studies)


def size_in_words(size: int) -> str:
    """How much a settling set asks for, before the outcome that it could lead to."""
    return f"Documentation on {size} {'point' if size == 1 else 'points'} could lead to"


def all_of(questions: int) -> str:
    """What introduces the questions of a settling set."""
    return "Document:" if questions == 1 else "Document all of:"


def source_of(quotation: Quotation) -> str:
    """Title and date of the document that a quotation comes from."""
    return ", ".join(part for part in (quotation.document, quotation.date) if part)


def place_of(clause: Clause) -> str:
    """The label of a clause and where in its document it stands."""
    label = headline(clause.label)
    return f"{label} ({clause.place})" if clause.place else label


def document_of(clause: Clause) -> str:
    """The title of the document that a clause stands in, with its date where it is known."""
    if clause.document is None:
        return "Clauses of no stated document"
    return ", ".join(part for part in (clause.document.title, clause.document.date) if part)


def note_text(note: Note) -> str:
    """What an assumption or a reading says, where it says more than its label."""
    return note.definition or ""


_STEERING: Final = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def plain(text: str) -> str:
    """Text of a case or policy on one line, with nothing in it that could steer a terminal or reorder what is read."""
    one_line = " ".join(_STEERING.sub("\ufffd", text).split())
    return "".join("\ufffd" if unicodedata.category(char) in {"Cc", "Cs"} else char for char in one_line)
