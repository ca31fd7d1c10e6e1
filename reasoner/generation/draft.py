"""A generated request in the making: each method adds what a record says of one thing.

Only `Random.random` is drawn from: it alone gives the same numbers under every version of Python.
"""

import datetime
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final, TypeVar

from reasoner.generation.case_text import Token
from reasoner.generation.parts import SIDES, findings, parts, title
from reasoner.generation.scenarios import (
    ALSO_RECORDED,
    COURSES,
    DOCUMENTS,
    IMAGING_FINDINGS,
    SCENARIOS,
    TREATMENTS,
    Scenario,
)

T = TypeVar("T")

_FIRST_SERVICE: Final = datetime.date(2025, 11, 20).toordinal()
_SERVICE_DAYS: Final = 300
_EDGES: Final = (0, 1, 27, 28, 29, 30, 60, 90, 180, 181, 182, 183, 184, 185, 364, 365, 366, 367, 800)
"""Days back from the service, the edges of the windows that policies have among them."""

_BOOLEANS: Final = ("true", "false")
_CERTAINTIES: Final = (*("edx:Suspected",) * 12, *("edx:Confirmed",) * 7, "edx:RuledOut")
_MODALITIES: Final = (
    *("edx:MagneticResonanceImaging",) * 5, "edx:ComputedTomography", "edx:Radiography", "edx:Ultrasonography",
)  # fmt: skip
_RESULTS: Final = ("edx:NormalResult", "edx:AbnormalResult", "edx:InconclusiveResult")
_RESPONSES: Final = ("edx:Improved", "edx:NotImproved", "edx:NotImproved", "edx:Worsened")
_DURATIONS: Final = ('"P14D"^^xsd:duration', '"P42D"^^xsd:duration', '"P3M"^^xsd:duration', '"P6M"^^xsd:duration')
_FINDING_COURSES: Final = (
    "edx:Acute", "edx:Subacute", "edx:Chronic", "edx:Progressive", "edx:Stable", "edx:Fluctuating",
)  # fmt: skip
_DISTRIBUTIONS: Final = ("edx:Focal", "edx:Generalized")
_EARLIER: Final = (
    "NeedleElectromyography", "NerveConductionStudy", "NerveConductionStudy", "MotorNerveConductionStudy",
    "SensoryNerveConductionStudy", "NeuromuscularJunctionTesting", "ElectrodiagnosticStudy",
)  # fmt: skip
_NEVER_DONE: Final = (
    "ElectrodiagnosticStudy",
    "ElectrodiagnosticStudy",
    "NeedleElectromyography",
    "NerveConductionStudy",
)
_SAID: Final = (
    "Patient reports {}",
    "Records show {} as of the last visit",
    "Noted: {}",
    "History: {}, discussed today",
)


@cache
def drawn_scenarios() -> tuple[Scenario, ...]:
    """The scenarios, each as often as its share."""
    return tuple(scenario for scenario in SCENARIOS for _ in range(scenario.share // 5))


@cache
def _day(ordinal: int) -> str:
    return f'"{datetime.date.fromordinal(ordinal).isoformat()}"^^xsd:date'


class Draft:
    """The statements of a request so far, as tokens.

    One in about thirty contradicts itself (`consistent` is false): a finding is stated and excluded, a side is not that
    of the code.
    """

    def __init__(self, random: Random) -> None:
        self.draw = random.random
        self.statements: list[Token] = []
        self.service = _FIRST_SERVICE + int(self.draw() * _SERVICE_DAYS)
        self.scenario = self.pick(drawn_scenarios())
        self.region = f"edx:{self.pick(self.scenario.regions)}"
        self.side = self.pick(SIDES)
        self.consistent = not self.chance(3)
        self._nodes = 0
        self._absent: set[str] = set()
        self._present: set[str] = set()
        self._quotable: list[tuple[str, str]] = []

    def pick(self, values: Sequence[T]) -> T:
        """One of some values."""
        return values[int(self.draw() * len(values))]

    def chance(self, percent: float) -> bool:
        """True in so many of a hundred draws."""
        return self.draw() * 100 < percent

    def say(self, predicate: str, value: str, of: str = "request") -> None:
        """One statement."""
        self.statements.append((of, predicate, value))

    def maybe(self, percent: float, of: str, predicate: str, values: Sequence[str]) -> None:
        """One statement with one of some values, in so many of a hundred draws."""
        if self.draw() * 100 < percent:
            self.statements.append((of, predicate, values[int(self.draw() * len(values))]))

    def node(self, link: str, kind: str, cls: str, of: str = "request") -> str:
        """A new node of a class, to which another leads; its name is given back."""
        self._nodes += 1
        name = f"{kind}-{self._nodes}"
        self.statements.append((of, link, f":{name}"))
        self.statements.append((name, "a", cls))
        return name

    def on_service(self) -> str:
        """The day of the service."""
        return _day(self.service)

    def before(self, days: int) -> str:
        """A day within so many days before the service."""
        return _day(self.service - int(self.draw() * days))

    def _past(self) -> str:
        return _day(self.service - self.pick(_EDGES)) if self.chance(40) else self.before(900)

    # Diagnoses

    def diagnosis(self, link: str, name: str, of: str = "request") -> None:
        """A diagnosis of a class, by a code at or below it or by the class alone."""
        found, said, side = parts(name), "", self.side
        if found.codes and (not found.is_disease or self.chance(75)):
            said, coded = self.pick(found.codes)
            side = coded or side
        elif found.is_disease:
            said = found.token
        node = self.node(link, "diagnosis", "edx:Diagnosis", of)
        if said:
            self.say("a", said, node)
        self.say("edx:certainty", self.pick(_CERTAINTIES), node)
        self.maybe(40, node, "edx:laterality", (side,) if self.consistent else SIDES)
        if self.scenario.spine:
            self.maybe(40, node, "edx:spinalRegion", (self.scenario.spine,))
        if self.chance(40):
            self.say("edx:onset", self._past(), node)
        words = title(said or "edx:Diagnosis")
        self.maybe(20, node, "rdfs:label", (f'"{words}"',))
        self._quotable.append((f":{node}", words))

    def also_recorded(self) -> None:
        """A diagnosis beside the reason of the request."""
        self.diagnosis("edx:hasDiagnosis", self.pick(ALSO_RECORDED))

    # Findings

    def finding(self) -> None:
        """A symptom or sign; as a rule one that goes with the complaint."""
        found = parts(self.pick(self.scenario.findings) if self.chance(88) else self.pick(findings()))
        if self.consistent and not self._absent.isdisjoint(found.above):
            return
        self._present |= found.above
        node = self.node("edx:hasFinding", "finding", found.token)
        self.maybe(60, node, "edx:laterality", (self.side,) if self.chance(80) else SIDES)
        self.maybe(60, node, "edx:bodyRegion", (self.region,))
        self.maybe(30, node, "edx:distribution", _DISTRIBUTIONS)
        self.maybe(25, node, "edx:causeKnown", _BOOLEANS)
        self.maybe(25, node, "edx:findingCourse", _FINDING_COURSES)
        if self.chance(30):
            self.say("edx:onset", self._past(), node)
        self._quotable.append((f":{node}", found.label))

    def absent_finding(self, name: str = "") -> None:
        """A class of findings that the record excludes."""
        token = f"edx:{name or self.pick(findings())}"
        if token in self._absent or (self.consistent and token in self._present):
            return
        self._absent.add(token)
        self.say("edx:excludesFinding", token)
        self._quotable.append((token, f"no {title(token)}"))

    # What was done

    def examination(self) -> None:
        """A physical examination."""
        node = self.node("edx:hasExamination", "examination", "edx:Examination")
        self.say("edx:date", self._past(), node)
        self.maybe(88, node, "edx:conclusive", ("false", "false", "false", "false", "true"))
        self._quotable.append((f":{node}", "examination"))

    def imaging(self) -> None:
        """An imaging study, with what it settles or explains where the record says so."""
        node = self.node("edx:hasImaging", "imaging", "edx:Imaging")
        self.say("edx:modality", self.pick(_MODALITIES), node)
        self.say("edx:date", self._past(), node)
        if self.scenario.spine:
            self.say("edx:spinalRegion", self.scenario.spine, node)
        for predicate in ("edx:conclusive", "edx:explainsPresentation", "edx:patternMatches"):
            self.maybe(30, node, predicate, ("false", "false", "false", "true"))
        words = self.pick(IMAGING_FINDINGS)
        self.maybe(50, node, "edx:imagingFinding", (f'"{words}"',))
        self._quotable.append((f":{node}", f"imaging with {words}"))

    def assessment(self) -> None:
        """The physician's judgment."""
        node = self.node("edx:hasAssessment", "assessment", "edx:ClinicalAssessment")
        self.say("edx:date", self._past(), node)
        self.maybe(70, node, "edx:supportsStudy", ("true", "true", "true", "false"))
        self.maybe(45, node, "edx:diagnosisCertain", ("false", "false", "true"))
        self._quotable.append((f":{node}", "assessment and plan"))

    def treatment(self) -> None:
        """A treatment with its result."""
        kind, words = self.pick(TREATMENTS)
        node = self.node("edx:hasTreatment", "treatment", f"edx:{kind}")
        self.say("rdfs:label", f'"{words}"', node)
        if self.chance(60):
            self.say("edx:date", self._past(), node)
        self.maybe(50, node, "edx:duration", _DURATIONS)
        self.maybe(70, node, "edx:response", _RESPONSES)
        self._quotable.append((f":{node}", words))

    def earlier_study(self) -> None:
        """A study that was done before."""
        node = self.node("edx:hasEarlierStudy", "earlier", f"edx:{self.pick(_EARLIER)}")
        if self.chance(80):
            self.say("edx:date", self._past(), node)
        self.maybe(60, node, "edx:bodyRegion", (self.region, self.region, "edx:UpperLimb", "edx:LowerLimb"))
        self.maybe(50, node, "edx:laterality", SIDES)
        result = self.pick(_RESULTS)
        if self.chance(75):
            self.say("edx:result", result, node)
        if result != "edx:NormalResult" and self.chance(60):
            self.diagnosis("edx:establishedDiagnosis", self.pick(self.scenario.diseases), node)
        self._quotable.append((f":{node}", "earlier electrodiagnostic study"))

    def history(self) -> None:
        """Earlier studies and the course since, or that there was none."""
        if self.chance(25):
            for _ in range(1 + int(self.draw() * 2.2)):
                self.earlier_study()
            if self.chance(75):
                self.node("edx:hasCourse", "course", f"edx:{self.pick(COURSES)}")
            if not self.consistent:
                self.say("edx:excludesEarlierStudy", "edx:ElectrodiagnosticStudy")
        elif self.chance(22):
            self.say("edx:excludesEarlierStudy", f"edx:{self.pick(_NEVER_DONE)}")

    def injury(self) -> None:
        """An injury."""
        node = self.node("edx:hasInjury", "injury", "edx:Injury")
        self.maybe(80, node, "edx:date", (self._past(),))
        self.maybe(60, node, "edx:bodyRegion", (self.region,))
        self.maybe(60, node, "edx:laterality", (self.side,))

    def symptom_free_limb(self) -> None:
        """A limb that is stated to be free of symptoms."""
        node = self.node("edx:hasSymptomFreeLimb", "limb", "edx:SymptomFreeLimb")
        self.say("edx:bodyRegion", self.pick(("edx:UpperLimb", "edx:LowerLimb")), node)
        self.say("edx:laterality", self.pick(SIDES), node)

    def document(self, most: int) -> None:
        """A source document with quotations about what the request says already, of so many statements at most."""
        node = self.node("edx:hasDocument", "document", "edx:SourceDocument")
        self.say("dcterms:title", f'"{self.pick(DOCUMENTS)}"', node)
        self.say("edx:date", self.before(600), node)
        for _ in range(min(1 + int(self.draw() * 3), max(1, (most - 4) // 4))):
            about, words = self.pick(self._quotable)
            quotation = self.node("edx:hasQuotation", "quotation", "edx:Quotation", node)
            self.say("edx:text", f'"{self.pick(_SAID).format(words)}."', quotation)
            self.say("edx:about", about, quotation)
