"""Generated cases over the whole vocabulary of a case, as sets of triples whose nodes are IRIs.

`generate` makes a case from any `random.Random`: a seeded one where a fixed sample is wanted, one that hypothesis
drives (`cases`) where a failing case is to be shrunk. Cases are built directly, past intake, which would take ten times
as long as the law that is under test; `test_laws` passes a sample through intake to show that they are admissible.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

from hypothesis import strategies as st
from rdflib import DCTERMS, RDF, RDFS, XSD, Literal, URIRef
from rdflib.term import Node

from reasoner.case import Case
from reasoner.rdf.index import Triple, in_order, triple_key
from reasoner.terminology.ontology import hierarchy
from reasoner.terminology.procedures import procedure
from reasoner.terms import BASE, EDX, ICD10CM

T = TypeVar("T")
PAYERS: Final = (URIRef(BASE + "payer/bcbsnd"), URIRef(BASE + "payer/aetna"))
SIDES: Final = (EDX.Left, EDX.Right, EDX.Bilateral)
REGIONS: Final = (EDX.UpperLimb, EDX.LowerLimb, EDX.Larynx, EDX.Head, EDX.Trunk)
SPINE: Final = (EDX.CervicalSpine, EDX.ThoracicSpine, EDX.LumbosacralSpine)
BOOLEANS: Final = (Literal("true", datatype=XSD.boolean), Literal("false", datatype=XSD.boolean))


def _below(*names: str) -> tuple[URIRef, ...]:
    found = {term for name in names for term in hierarchy().descendants(EDX[name]) if str(term).startswith(str(EDX))}
    return tuple(URIRef(str(term)) for term in sorted(found, key=str))


STUDIES: Final = tuple(cls for cls in _below("ElectrodiagnosticStudy") if cls != EDX.ElectrodiagnosticStudy)
COMMON_STUDIES: Final = tuple(
    EDX[name]
    for name in (
        "NeedleElectromyography", "NerveConductionStudy", "MotorNerveConductionStudy", "SensoryNerveConductionStudy",
        "HReflexStudy", "NeuromuscularJunctionTesting", "MotorNerveConductionStudyWithFWave",
    )
)  # fmt: skip
FINDINGS: Final = _below("Finding")
NEUROMUSCULAR_FINDINGS: Final = _below("NeuromuscularFinding")
DISEASES: Final = _below("NamedDisease")
DIAGNOSES: Final = _below("Diagnosis")
CODES: Final = tuple(
    URIRef(str(cls))
    for cls in sorted(hierarchy().descendants(EDX.Diagnosis), key=str)
    if str(cls).startswith(str(ICD10CM))
)
TELLING_CODES: Final = tuple(
    ICD10CM[code]
    for code in (
        "M47.816", "M54.16", "M54.12", "M54.10", "G56.01", "G56.02", "G56.03", "G12.21", "G70.00", "G61.0", "E11.42",
        "J38.01", "R20.2", "M62.81", "M54.50", "M48.061", "G54.0", "G60.0", "G71.11", "S74.00XA", "E03.9", "G57.51",
        "G63", "N18.6", "M48.062", "G52.2", "M33.13", "S54.01XD", "S54.01XS", "G57.52",
    )
    if ICD10CM[code] in CODES
)  # fmt: skip
COURSES: Final = tuple(c for c in _below("CourseSinceEarlierStudy") if c != EDX.CourseSinceEarlierStudy)
TREATMENTS: Final = _below("Treatment")
PURPOSES: Final = tuple(
    EDX[name]
    for name in (
        "DiagnosticWorkUp", "DifferentiatingRadiculopathy", "RelatingImagingToPain", "ReconcilingPatternWithImaging",
        "DocumentingAxonalDamage", "SeverityGrading", "Prognosis", "MonitoringCourse", "MonitoringRecovery",
        "PlanningIntervention", "MuscleLocalizationForInjection", "ScreeningOfAsymptomaticPerson",
        "ScreeningForNeuropathy",
    )
)  # fmt: skip
MODALITIES: Final = tuple(
    EDX[m] for m in ("MagneticResonanceImaging", "ComputedTomography", "Radiography", "Ultrasonography")
)
SERVICE_DATES: Final = tuple(
    datetime.date.fromisoformat(day)
    for day in ("2026-03-02", "2025-12-31", "2026-02-28", "2028-02-29", "2026-08-31", "2026-03-01", "2025-11-20")
)
GAPS: Final = (
    0,
    1,
    28,
    29,
    30,
    90,
    180,
    181,
    182,
    183,
    184,
    185,
    364,
    365,
    366,
    367,
    800,
)  # days, window edges among them
# codes of a kind of study, so that a case does not contradict itself by accident
PROCEDURES: Final = {
    EDX.NeedleElectromyography: ("95886", "95886", "95861", "95860", "95885", "95887"),
    EDX.NerveConductionStudy: ("95907", "95908", "95909", "95910", "95911", "95912", "95913", "95905"),
    EDX.MotorNerveConductionStudy: ("95909",),
    EDX.AutomatedNerveConductionStudy: ("95905",),
    EDX.LaryngealElectromyography: ("95865",),
    EDX.BlinkReflexStudy: ("95933",),
    EDX.NeuromuscularJunctionTesting: ("95937",),
    EDX.SurfaceElectromyography: ("S3900",),
}
RESULTS: Final = (EDX.NormalResult, EDX.AbnormalResult, EDX.InconclusiveResult)
CERTAINTIES: Final = (EDX.Suspected, EDX.Confirmed, EDX.RuledOut)


@dataclass
class Draft:
    """A case in the making. Every method adds one statement of the record and returns the node it made, if any."""

    random: Random
    base: str
    triples: set[Triple] = field(default_factory=set)
    service: datetime.date = SERVICE_DATES[0]
    count: int = 0

    @property
    def request(self) -> URIRef:
        return URIRef(self.base + "request")

    def say(self, subject: Node, predicate: Node, value: Node) -> None:
        self.triples.add((subject, predicate, value))

    def node(self, kind: str) -> URIRef:
        self.count += 1
        return URIRef(f"{self.base}{kind}-{self.count}")

    def pick(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def chance(self, percent: int) -> bool:
        return self.random.randint(1, 100) <= percent

    def maybe(self, percent: int, subject: Node, predicate: Node, values: Sequence[Node]) -> None:
        if self.chance(percent):
            self.say(subject, predicate, self.pick(values))

    def past(self) -> Literal:
        return Literal(self.service - datetime.timedelta(days=self.pick(GAPS)))

    # What is requested

    def frame(self, kinds: Sequence[URIRef], *, quantities: int = 40) -> None:
        self.service = self.pick(SERVICE_DATES)
        self.say(self.request, RDF.type, EDX.Request)
        self.say(self.request, EDX.payer, self.pick(PAYERS))
        self.say(self.request, EDX.dateOfRequest, Literal(self.service))
        if self.chance(85):
            self.say(self.request, EDX.dateOfService, Literal(self.service))
        for kind in kinds:
            self.study(kind, quantities=quantities)

    def study(self, kind: URIRef | None = None, *, quantities: int = 40) -> None:
        kind = kind or self.pick(STUDIES)
        study = self.node("study")
        self.say(self.request, EDX.requestsStudy, study)
        self.say(study, RDF.type, kind)
        if self.chance(quantities):
            self.say(study, EDX.quantity, Literal(self.pick((1, 2, 3, 4, 5, 7)), datatype=XSD.integer))
        if kind in PROCEDURES and self.chance(30):
            code = self.pick(PROCEDURES[kind])
            known = procedure(code)
            assert known is not None
            self.say(study, EDX.procedureCode, Literal(code))
            self.say(study, RDF.type, known.iri)  # as intake derives it
        self.maybe(60, study, EDX.bodyRegion, REGIONS[:3])
        self.maybe(60, study, EDX.laterality, SIDES)

    def purpose(self) -> None:
        self.say(self.request, EDX.hasPurpose, self.pick(PURPOSES))

    def reason_for_number(self) -> None:
        self.say(self.request, EDX.reasonForNumber, Literal("Both limbs are affected differently."))

    # Diagnoses

    def disease(self) -> URIRef | None:
        """What a diagnosis says: a disease class, a code, or nothing beyond that it is a diagnosis."""
        kind = self.pick(("disease", "disease", "code", "telling", "telling", "any", "none"))
        choices = {"disease": DISEASES, "code": CODES, "telling": TELLING_CODES, "any": DIAGNOSES}
        return self.pick(choices[kind]) if kind in choices else None

    def diagnosis(
        self, link: URIRef, cls: URIRef | None = None, certainty: URIRef | None = None, *, of: Node | None = None
    ) -> URIRef:
        node = self.node("diagnosis")
        self.say(of or self.request, link, node)
        self.say(node, RDF.type, EDX.Diagnosis)
        said = cls or self.disease()
        if said is not None:
            self.say(node, RDF.type, said)
        self.say(node, EDX.certainty, certainty or self.pick(CERTAINTIES))
        self.maybe(20, node, EDX.laterality, SIDES)
        self.maybe(20, node, EDX.spinalRegion, SPINE)
        if self.chance(30):
            self.say(node, EDX.onset, self.past())
        return node

    def indication(self) -> None:
        self.diagnosis(EDX.hasIndication, certainty=self.pick((EDX.Suspected, EDX.Suspected, *CERTAINTIES)))

    def recorded_diagnosis(self) -> None:
        self.diagnosis(EDX.hasDiagnosis)

    def laryngeal_palsy(self) -> None:
        """On the edge of the window that one item of a policy has."""
        node = self.diagnosis(EDX.hasDiagnosis, EDX.RecurrentLaryngealNeuropathy, EDX.Suspected)
        self.triples -= {t for t in self.triples if t[0] == node and t[1] == EDX.onset}
        self.say(node, EDX.onset, self.past())

    def excluded_diagnosis(self) -> None:
        self.say(self.request, EDX.excludesDiagnosis, self.pick((*DIAGNOSES, *TELLING_CODES)))

    # Findings

    def finding(self, cls: URIRef | None = None) -> None:
        node = self.node("finding")
        self.say(self.request, EDX.hasFinding, node)
        self.say(node, RDF.type, cls or self.pick(FINDINGS))
        self.maybe(20, node, EDX.laterality, SIDES)
        self.maybe(20, node, EDX.bodyRegion, REGIONS)
        self.maybe(20, node, EDX.distribution, (EDX.Focal, EDX.Generalized))
        self.maybe(30, node, EDX.causeKnown, BOOLEANS)
        self.maybe(20, node, EDX.findingCourse, (EDX.Acute, EDX.Chronic, EDX.Progressive, EDX.Fluctuating))
        if self.chance(20):
            self.say(node, EDX.onset, self.past())

    def excluded_finding(self) -> None:
        self.say(self.request, EDX.excludesFinding, self.pick(FINDINGS))

    # The record

    def examination(self) -> None:
        node = self.node("examination")
        self.say(self.request, EDX.hasExamination, node)
        self.say(node, RDF.type, EDX.Examination)
        self.maybe(80, node, EDX.conclusive, BOOLEANS)
        if self.chance(50):
            self.say(node, EDX.date, self.past())

    def imaging(self) -> None:
        node = self.node("imaging")
        self.say(self.request, EDX.hasImaging, node)
        self.say(node, RDF.type, EDX.Imaging)
        self.maybe(80, node, EDX.modality, MODALITIES)
        for predicate in (EDX.conclusive, EDX.explainsPresentation, EDX.patternMatches):
            self.maybe(40, node, predicate, BOOLEANS)
        self.maybe(40, node, EDX.spinalRegion, SPINE)

    def assessment(self) -> None:
        node = self.node("assessment")
        self.say(self.request, EDX.hasAssessment, node)
        self.say(node, RDF.type, EDX.ClinicalAssessment)
        for predicate in (EDX.supportsStudy, EDX.diagnosisCertain):
            self.maybe(60, node, predicate, BOOLEANS)

    def earlier_study(self) -> None:
        node = self.node("earlier")
        self.say(self.request, EDX.hasEarlierStudy, node)
        self.say(node, RDF.type, self.pick(STUDIES))
        self.maybe(60, node, EDX.bodyRegion, REGIONS[:3])
        self.maybe(60, node, EDX.laterality, SIDES)
        self.maybe(60, node, EDX.result, RESULTS)
        if self.chance(60):
            self.say(node, EDX.date, self.past())
        if self.chance(40):
            self.diagnosis(EDX.establishedDiagnosis, of=node)

    def excluded_earlier_study(self) -> None:
        self.say(self.request, EDX.excludesEarlierStudy, self.pick((EDX.ElectrodiagnosticStudy, *STUDIES)))

    def course(self) -> None:
        node = self.node("course")
        self.say(self.request, EDX.hasCourse, node)
        self.say(node, RDF.type, self.pick(COURSES))

    def injury(self) -> None:
        node = self.node("injury")
        self.say(self.request, EDX.hasInjury, node)
        self.say(node, RDF.type, EDX.Injury)
        if self.chance(60):
            self.say(node, EDX.date, self.past())

    def treatment(self) -> None:
        node = self.node("treatment")
        self.say(self.request, EDX.hasTreatment, node)
        self.say(node, RDF.type, self.pick(TREATMENTS))
        self.maybe(50, node, EDX.response, (EDX.Improved, EDX.NotImproved, EDX.Worsened))

    def symptom_free_limb(self) -> None:
        node = self.node("limb")
        self.say(self.request, EDX.hasSymptomFreeLimb, node)
        self.say(node, RDF.type, EDX.SymptomFreeLimb)
        self.say(node, EDX.bodyRegion, self.pick((EDX.UpperLimb, EDX.LowerLimb)))
        self.maybe(80, node, EDX.laterality, SIDES)

    def document(self) -> None:
        """A document with a quotation about something that the case has already."""
        node, quotation = self.node("document"), self.node("quotation")
        self.say(self.request, EDX.hasDocument, node)
        self.say(node, RDF.type, EDX.SourceDocument)
        self.say(node, DCTERMS.title, Literal("Office note"))
        self.say(node, EDX.hasQuotation, quotation)
        self.say(quotation, RDF.type, EDX.Quotation)
        self.say(quotation, EDX.text, Literal("as dictated"))
        nodes = sorted({s for s, p, _ in self.triples if p == RDF.type} - {node, quotation}, key=str)
        self.say(quotation, EDX.about, self.pick(nodes))

    def case(self) -> Case:
        self.say(self.request, RDFS.label, Literal("Generated request"))
        return make_case(self.request, self.triples)


CLINICAL: Final[tuple[Callable[[Draft], object], ...]] = (
    Draft.finding, Draft.excluded_finding, Draft.recorded_diagnosis, Draft.excluded_diagnosis, Draft.examination,
    Draft.imaging, Draft.assessment, Draft.course, Draft.injury, Draft.treatment, Draft.symptom_free_limb,
    Draft.laryngeal_palsy,
)  # fmt: skip
"""Statements about the person: unsaid, they are unknown."""
COMPLETE: Final[tuple[Callable[[Draft], object], ...]] = (
    Draft.indication, Draft.indication, Draft.purpose, Draft.earlier_study, Draft.excluded_earlier_study,
    Draft.reason_for_number, Draft.study,
)  # fmt: skip
"""Statements about what is requested and about earlier studies: complete by nature, or taken to be complete."""


def make_case(request: URIRef, triples: Iterable[Triple]) -> Case:
    """A case as intake would hand it on."""
    found = frozenset(triples)
    lines = "\n".join(" ".join(triple_key(t)) for t in sorted(found, key=triple_key))
    return Case(request, "generated", "generated", in_order(found), hashlib.sha256(lines.encode()).hexdigest())


def generate(random: Random, *, base: str = "https://example.org/generated#") -> Case:
    """A case with one to three studies and up to a dozen further statements of any kind."""
    return draft(random, base=base).case()


def draft(random: Random, *, base: str = "https://example.org/generated#") -> Draft:
    """The same, still open to further statements."""
    made = Draft(random, base)
    if made.chance(25):
        return _coverable(made)
    made.frame([made.pick((*COMMON_STUDIES, *STUDIES)) for _ in range(random.randint(1, 3))])
    for _ in range(random.randint(0, 9)):
        made.pick(CLINICAL)(made)
    for _ in range(random.randint(0, 4)):
        made.pick(COMPLETE)(made)
    if made.chance(20):
        made.document()
    return made


def coverable(random: Random, *, base: str = "https://example.org/generated#") -> Case:
    """A case that a policy is likely to cover: so likely that both answers are well represented."""
    return _coverable(Draft(random, base)).case()


def _coverable(made: Draft) -> Draft:
    made.frame([EDX.NeedleElectromyography, EDX.NerveConductionStudy], quantities=15)
    made.diagnosis(EDX.hasIndication, made.pick(DISEASES), made.pick((EDX.Suspected, EDX.Confirmed)))
    made.finding(made.pick(NEUROMUSCULAR_FINDINGS))
    node = made.node("examination")
    made.say(made.request, EDX.hasExamination, node)
    made.say(node, RDF.type, EDX.Examination)
    made.say(node, EDX.conclusive, BOOLEANS[1])
    for _ in range(made.pick((0, 0, 1, 2))):
        made.pick((*CLINICAL, Draft.earlier_study, Draft.purpose))(made)
    return made


def silent(random: Random, *, base: str = "https://example.org/generated#") -> Case:
    """A request with no clinical statement: studies, dates, payer, codes, quantities, a document."""
    made = Draft(random, base)
    made.frame([made.pick(STUDIES) for _ in range(random.randint(1, 4))])
    if made.chance(50):
        made.document()
    return made.case()


def _randoms() -> st.SearchStrategy[Random]:
    return st.randoms(note_method_calls=False, use_true_random=False)


def cases() -> st.SearchStrategy[Case]:
    """Cases of every kind."""
    return _randoms().map(generate)


def silent_cases() -> st.SearchStrategy[Case]:
    """Requests without a clinical statement."""
    return _randoms().map(silent)


@st.composite
def additions(draw: st.DrawFn) -> tuple[Case, Case]:
    """A case, and the same with one further clinical statement."""
    made = draft(draw(_randoms()))
    before = make_case(made.request, made.triples)
    draw(st.sampled_from(CLINICAL))(made)
    return before, make_case(made.request, made.triples)
