"""Made-up requests in any number, the same for the same seed: for measuring, comparing engines, trying things out.

Each request is drawn by its own number, so that a part of a set is the same as that part of the whole, in any order and
in any process. Nothing in them comes from a person.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from reasoner.generation.case_text import GeneratedCase, Token
from reasoner.generation.defects import DEFECTS
from reasoner.generation.draft import Draft, drawn_scenarios
from reasoner.generation.scenarios import EXCLUDED_DIAGNOSES
from reasoner.terms import BASE

SPACE: Final = "https://example.org/generated/"
"""Where the nodes of generated cases are named."""

PAYERS: Final = {"bcbsnd": f"<{BASE}payer/bcbsnd>", "aetna": f"<{BASE}payer/aetna>"}
SIZES: Final = (30, 10_000)
"""The least and the most statements that a generated request can be asked to have."""

_TOTAL_CODES: Final = (
    *("95907", "95908", "95908", "95909", "95909", "95909"), *("95910", "95910", "95911", "95912", "95913"),
)  # fmt: skip
_CODES: Final = {
    "NeuromuscularJunctionTesting": "95937", "BlinkReflexStudy": "95933", "LaryngealElectromyography": "95865",
    "SurfaceElectromyography": "96002", "SingleFiberElectromyography": "95872", "QuantitativeSensoryTesting": "G0255",
    "AutomatedNerveConductionStudy": "95905",
}  # fmt: skip
_FURTHER_STUDIES: Final = (
    "NeedleElectromyography", "NerveConductionStudy", "MotorNerveConductionStudy", "MotorNerveConductionStudyWithFWave",
    "HReflexStudy",
)  # fmt: skip
_PURPOSES: Final = (
    "DifferentiatingRadiculopathy", "RelatingImagingToPain", "ReconcilingPatternWithImaging", "DocumentingAxonalDamage",
    "SeverityGrading", "Prognosis", "MonitoringCourse", "MonitoringRecovery", "PlanningIntervention",
    "MuscleLocalizationForInjection", "ScreeningOfAsymptomaticPerson", "ScreeningForNeuropathy",
)  # fmt: skip
_WIDE_EXCLUSIONS: Final = ("NeuromuscularFinding", "SensoryFinding", "MotorFinding", "Pain", "SymptomOrSign")


def generate_cases(
    count: int,
    *,
    seed: int = 1,
    start: int = 1,
    size: int = 100,
    payer: str | None = None,
    defects: int = 0,
    unnamed: bool = False,
) -> Iterator[GeneratedCase]:
    """Requests number `start` to `start + count - 1` of a seed.

    `size` is the number of statements that they have on average; what is asked for and the complaint alone take some
    fifty. `payer` is "bcbsnd" or "aetna"; without one, requests to both. `defects` is the share in percent that intake
    refuses, each for a reason of its own; all others are admitted. `unnamed` leaves every node but the request without
    an IRI.
    """
    for number in range(start, start + count):
        yield generate_case(number, seed=seed, size=size, payer=payer, defects=defects, unnamed=unnamed)


def generate_case(
    number: int, *, seed: int = 1, size: int = 100, payer: str | None = None, defects: int = 0, unnamed: bool = False
) -> GeneratedCase:
    """One request of a seed, by its number."""
    draft = Draft(Random((seed << 40) + number))  # noqa: S311 - no secret is drawn
    _request(draft, number, payer)
    _fill(draft, round(size * (0.7 + 0.6 * draft.draw())))
    about: dict[str, list[Token]] = {}
    for statement in draft.statements:
        about.setdefault(statement[0], []).append(statement)
    defect = draft.pick(tuple(DEFECTS)) if draft.chance(defects) else ""
    if defect:
        DEFECTS[defect](about)
    statements = tuple([statement for said in about.values() for statement in said])
    hidden = frozenset(about) - {"request"} if unnamed else frozenset[str]()
    return GeneratedCase(number, f"{SPACE}{seed}/", statements, hidden, defect)


def _request(draft: Draft, number: int, payer: str | None) -> None:
    scenario = draft.scenario
    draft.say("a", "edx:Request")
    draft.say("rdfs:label", f'"Request {number}: {scenario.name}"')
    draft.say("dcterms:identifier", f'"R-{number:07d}"')
    draft.say("edx:payer", PAYERS[payer or ("bcbsnd" if draft.chance(60) else "aetna")])
    draft.say("edx:dateOfRequest", draft.before(30))
    if draft.chance(93):
        draft.say("edx:dateOfService", draft.on_service())
    _studies(draft)
    _diagnoses(draft)
    if draft.chance(2):
        draft.absent_finding(draft.pick(_WIDE_EXCLUSIONS))
    screened = scenario.name == "screening" and draft.chance(60)
    for _ in range(0 if screened else 1 + int(draft.draw() * 5)):
        draft.finding()
    for _ in range(int(draft.draw() * 5)):
        draft.absent_finding()
    for percent, add in (
        (88, draft.examination), (50, draft.imaging), (55, draft.assessment), (100, draft.history),
        (100 if scenario.injury else 3, draft.injury), (6, draft.symptom_free_limb),
    ):  # fmt: skip
        if draft.chance(percent):
            add()
    _purposes(draft)
    if draft.chance(15):
        draft.say("edx:reasonForNumber", '"Both limbs are affected differently; more nerves have to be studied."')


def _studies(draft: Draft) -> None:
    scenario = draft.scenario
    if scenario.studies:
        chosen = [draft.pick(scenario.studies) for _ in range(1 + int(draft.draw() * 2))]
        if draft.chance(40):
            chosen.append(draft.pick(_FURTHER_STUDIES))
        for kind in dict.fromkeys(chosen):
            code = draft.pick(_TOTAL_CODES) if kind == "NerveConductionStudy" else _CODES.get(kind, "")
            _study(draft, kind, code if draft.chance(50) else "")
        return
    needle, conduction = draft.chance(88), draft.chance(92)
    if conduction or not needle:
        if draft.chance(40):
            for kind, most in (
                ("MotorNerveConductionStudy", 6),
                ("SensoryNerveConductionStudy", 7),
                ("HReflexStudy", 3),
            ):
                if draft.chance(80):
                    _study(draft, kind, "", 1 + int(draft.draw() * most))
        _study(draft, "NerveConductionStudy", draft.pick(_TOTAL_CODES) if draft.chance(60) else "")
    if needle:
        limbs = 2 if draft.side == "edx:Bilateral" else 1
        if conduction:
            code, quantity = draft.pick(("95885", "95886")), draft.pick((0, limbs, limbs, limbs, limbs, 4))
        else:
            code, quantity = ("95860", "95861")[limbs - 1], 0
        _study(draft, "NeedleElectromyography", code if draft.chance(60) else "", quantity)
    if draft.chance(3):
        _study(draft, "BlinkReflexStudy")
    if draft.chance(2):
        _study(draft, "NeuromuscularJunctionTesting", quantity=draft.pick((0, 1, 2, 4)))


def _study(draft: Draft, kind: str, code: str = "", quantity: int = 0) -> None:
    node = draft.node("edx:requestsStudy", "study", f"edx:{kind}")
    if code:
        draft.say("edx:procedureCode", f'"{code}"', node)
    if quantity or (not code and draft.chance(20)):
        draft.say("edx:quantity", str(quantity or 1 + int(draft.draw() * 5)), node)
    if draft.region != "edx:Trunk":
        draft.maybe(85, node, "edx:bodyRegion", (draft.region,))
    draft.maybe(75, node, "edx:laterality", (draft.side,))


def _diagnoses(draft: Draft) -> None:
    scenario = draft.scenario
    draft.diagnosis("edx:hasIndication", draft.pick(scenario.diseases))
    if scenario.beside and draft.chance(60):
        draft.diagnosis("edx:hasIndication", draft.pick(scenario.beside))
    elif draft.chance(25):
        draft.diagnosis("edx:hasIndication", draft.pick(scenario.diseases))
    if draft.chance(35):
        draft.also_recorded()
    if draft.chance(10):
        draft.diagnosis("edx:hasDiagnosis", draft.pick(draft.pick(drawn_scenarios()).diseases))
    if draft.chance(30):
        for name in {draft.pick(EXCLUDED_DIAGNOSES): None, draft.pick(EXCLUDED_DIAGNOSES): None}:
            draft.say("edx:excludesDiagnosis", f"edx:{name}")


def _purposes(draft: Draft) -> None:
    chosen: dict[str, None] = {}
    if draft.scenario.purposes and draft.chance(60):
        chosen[draft.pick(draft.scenario.purposes)] = None
    if draft.chance(25):
        chosen["DiagnosticWorkUp"] = None
    elif draft.chance(15):
        chosen[draft.pick(_PURPOSES)] = None
    for name in chosen:
        draft.say("edx:hasPurpose", f"edx:{name}")


def _fill(draft: Draft, size: int) -> None:
    """Add what a longer record has more of, until the request has about so many statements."""
    while (left := size - len(draft.statements)) > 2:
        share = draft.draw()
        if share < 0.45:
            draft.document(left)
        elif share < 0.80:
            draft.treatment()
        elif share < 0.90:
            draft.finding()
        elif share < 0.93:
            draft.absent_finding()
        elif share < 0.945:
            draft.also_recorded()
        elif share < 0.97:
            draft.imaging()
        elif share < 0.99:
            draft.examination()
        else:
            draft.assessment()
