"""The statement shapes, which every policy stands on, against tables derived from the design: presence climbs the class
tree and absence descends it; what a request is for is complete by nature, and so are the purposes it states; a diagnosis
that names no disease rules nothing out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from judging import editions, knowledge
from rdflib import RDF, Graph, Namespace, URIRef
from strategies import PURPOSES

from reasoner.rdf.index import Index, Triple
from reasoner.shacl.declared import read_components
from reasoner.shacl.reader import ShapeReader
from reasoner.terms import EDX, EXCLUDED, REFUTED, STATED
from reasoner.validation.closures import compile_shape

EX = Namespace("https://example.org/statement#")
DISEASES = (
    "MotorNeuronDisease", "Myopathy", "MuscularDystrophy", "Polyneuropathy", "NeuromuscularJunctionDisorder",
    "PeripheralNerveEntrapment", "RecurrentLaryngealNeuropathy", "Plexopathy", "TraumaticNerveInjury", "SpineDisorder",
    "IdiopathicPeripheralNeuropathy", "CervicalNerveRootCompression", "ThoracicNerveRootCompression",
    "LumbosacralNerveRootCompression", "CervicalRadiculopathy", "ThoracicRadiculopathy", "LumbosacralRadiculopathy",
)  # fmt: skip
FINDINGS = (
    "NeuromuscularFinding", "Pain", "LimbPain", "JointPain", "Fatigue", "Diplopia", "Dysarthria", "ImpairedBowelMotility",
    "FatigableWeakness", "Hyperreflexia", "LossOfDexterity", "MuscleAtrophy", "MuscleCramp", "MuscleFasciculation",
    "MuscleTwitching", "MuscleWeakness", "Myokymia", "Myotonia", "Paresthesia", "Ptosis", "SensoryDeficit", "Spasticity",
    "SwallowingDysfunction", "NeuropathicPain",
)  # fmt: skip
# A wider class that is as good as the named one: a compressive neuropathy of no stated nerve opens the category as well.
AS_GOOD_AS = {"PeripheralNerveEntrapment": {EDX.CompressiveNeuropathy}}
# A purpose, and the purposes that leave it open beside itself: a work-up in general may well be one about the spine.
STATED_PURPOSES = {
    "DifferentiatingRadiculopathy": {"DiagnosticWorkUp"},
    "RelatingImagingToPain": {"DiagnosticWorkUp"},
    "ReconcilingPatternWithImaging": {"DiagnosticWorkUp"},
    "DocumentingAxonalDamage": {"DiagnosticWorkUp"},
    "MonitoringCourse": set[str](),
    "MuscleLocalizationForInjection": set[str](),
}


@dataclass(frozen=True)
class Expected:
    """What a record of these statements is to a shape."""

    shape: URIRef
    story: str
    triples: frozenset[Triple]
    holds: bool


def record(*statements: Triple) -> frozenset[Triple]:
    return frozenset(statements)


def diagnosis(
    link: str, cls: URIRef | None, certainty: str, *, name: str = "diagnosis", region: str = ""
) -> frozenset[Triple]:
    node = EX[name]
    said = {(node, RDF.type, EDX.Diagnosis), (node, EDX.certainty, EDX[certainty])}
    if cls is not None:
        said.add((node, RDF.type, cls))
    if region:
        said.add((node, EDX.spinalRegion, EDX[region]))
    if link == "establishedDiagnosis":
        return frozenset(
            said | {(EX.request, EDX.hasEarlierStudy, EX.earlier), (EX.earlier, EDX.establishedDiagnosis, node)}
        )
    return frozenset(said | {(EX.request, EDX[link], node)})


def excludes(cls: URIRef) -> frozenset[Triple]:
    return record((EX.request, EDX.excludesDiagnosis, cls))


def above(cls: URIRef) -> list[URIRef]:
    """Classes of the ontology strictly above, up to the kind of statement."""
    return [
        URIRef(str(c))
        for c in sorted(knowledge().hierarchy.ancestors(cls) - {cls}, key=str)
        if str(c).startswith(str(EDX))
    ]


def below(cls: URIRef) -> list[URIRef]:
    return [URIRef(str(c)) for c in sorted(knowledge().hierarchy.descendants(cls) - {cls}, key=str)]


OTHER = diagnosis("hasIndication", EDX.OtherDisease, "Suspected", name="other")
SYMPTOM = diagnosis("hasIndication", EDX.SymptomDiagnosis, "Suspected", name="symptom")


def of_a_disease(name: str) -> Iterator[Expected]:
    cls = EDX[name]

    def told(story: str, triples: frozenset[Triple], *, stated: bool, excluded: bool) -> Iterator[Expected]:
        yield Expected(STATED[name], story, triples, stated)
        yield Expected(EXCLUDED[name], story, triples, excluded)
        yield Expected(REFUTED[name], story, triples, excluded and not stated)

    yield from told("nothing said", record(), stated=False, excluded=False)
    for link in ("hasIndication", "hasDiagnosis", "establishedDiagnosis"):
        for certainty in ("Suspected", "Confirmed"):
            yield from told(f"{link} {certainty}", diagnosis(link, cls, certainty), stated=True, excluded=False)
    for kind in below(cls)[:40]:
        yield from told(
            f"kind of it, {kind}", diagnosis("hasDiagnosis", kind, "Suspected"), stated=True, excluded=False
        )
        yield from told(f"kind of it excluded, {kind}", excludes(kind), stated=False, excluded=False)
        yield from told(
            f"kind ruled out, {kind}", diagnosis("hasDiagnosis", kind, "RuledOut"), stated=False, excluded=False
        )
    for wider in above(cls):
        yield from told(f"{wider} excluded", excludes(wider), stated=False, excluded=True)
        if wider != EDX.Diagnosis:
            found = diagnosis("hasDiagnosis", wider, "Suspected")
            stated = wider in AS_GOOD_AS.get(name, ())
            yield from told(f"only {wider} recorded", found, stated=stated, excluded=False)
            yield from told(
                f"{wider} ruled out", diagnosis("hasDiagnosis", wider, "RuledOut"), stated=False, excluded=True
            )
    yield from told("excluded", excludes(cls), stated=False, excluded=True)
    for link in ("hasIndication", "hasDiagnosis"):
        yield from told(f"{link} ruled out", diagnosis(link, cls, "RuledOut"), stated=False, excluded=True)
        yield from told(f"{link} names nothing", diagnosis(link, None, "RuledOut"), stated=False, excluded=False)
    yield from told("another disease is the indication", OTHER, stated=False, excluded=True)
    yield from told("a symptom is the indication", SYMPTOM, stated=False, excluded=False)
    yield from told("a symptom and another disease are", OTHER | SYMPTOM, stated=False, excluded=False)
    another = diagnosis("hasDiagnosis", EDX.OtherDisease, "Suspected", name="other")
    yield from told("another disease is recorded", another, stated=False, excluded=False)
    ruled_out = diagnosis("hasIndication", EDX.OtherDisease, "RuledOut", name="other")
    yield from told("the only indication is ruled out", ruled_out, stated=False, excluded=False)
    for link in ("hasIndication", "hasDiagnosis", "establishedDiagnosis"):
        beside = OTHER | diagnosis(link, cls, "Suspected")
        yield from told(f"another disease is the indication beside it, {link}", beside, stated=True, excluded=False)
    both = diagnosis("hasDiagnosis", cls, "Suspected") | excludes(cls)
    yield from told("stated and excluded", both, stated=True, excluded=True)
    unnamed = diagnosis("hasDiagnosis", cls, "Suspected") | diagnosis("hasDiagnosis", None, "RuledOut", name="unnamed")
    yield from told("stated, and an unnamed one ruled out", unnamed, stated=True, excluded=False)


def of_a_finding(name: str) -> Iterator[Expected]:
    cls = EDX[name]

    def told(story: str, triples: frozenset[Triple], *, stated: bool, excluded: bool) -> Iterator[Expected]:
        yield Expected(STATED[name], story, triples, stated)
        yield Expected(EXCLUDED[name], story, triples, excluded)
        yield Expected(REFUTED[name], story, triples, excluded and not stated)

    def finding(kind: URIRef) -> frozenset[Triple]:
        return record((EX.request, EDX.hasFinding, EX.finding), (EX.finding, RDF.type, kind))

    def absent(kind: URIRef) -> frozenset[Triple]:
        return record((EX.request, EDX.excludesFinding, kind))

    yield from told("nothing said", record(), stated=False, excluded=False)
    yield from told("present", finding(cls), stated=True, excluded=False)
    yield from told("absent", absent(cls), stated=False, excluded=True)
    yield from told("present and absent", finding(cls) | absent(cls), stated=True, excluded=True)
    for kind in below(cls):
        yield from told(f"{kind} present", finding(kind), stated=True, excluded=False)
        yield from told(f"{kind} absent", absent(kind), stated=False, excluded=False)
    for wider in above(cls):
        yield from told(f"{wider} present", finding(wider), stated=False, excluded=False)
        yield from told(f"{wider} absent", absent(wider), stated=False, excluded=True)


def of_a_purpose(name: str) -> Iterator[Expected]:
    for purpose in PURPOSES:
        said = record((EX.request, EDX.hasPurpose, purpose))
        local = str(purpose).rpartition("#")[2]
        itself, open_beside = local == name, local in STATED_PURPOSES[name]
        yield Expected(STATED[name], f"{local} stated", said, itself)
        yield Expected(REFUTED[name], f"{local} stated", said, not itself and not open_beside)
        both = said | record((EX.request, EDX.hasPurpose, EDX[name]))
        yield Expected(STATED[name], f"{local} stated beside it", both, True)
        yield Expected(REFUTED[name], f"{local} stated beside it", both, False)
    yield Expected(STATED[name], "nothing said", record(), False)
    yield Expected(REFUTED[name], "nothing said", record(), False)


REGIONS = {"Cervical": "CervicalSpine", "Thoracic": "ThoracicSpine", "Lumbosacral": "LumbosacralSpine"}


def of_a_root(kind: str, region: str) -> Iterator[Expected]:
    """A disorder of nerve roots whose region the class names, or the statement, or neither."""
    unlocated = {"NerveRootCompression": "UnlocatedRootCompression", "Radiculopathy": "UnlocatedRootLesion"}[kind]
    name = region + kind
    for other, spine in REGIONS.items():
        said = diagnosis("hasDiagnosis", EDX[kind], "Suspected", region=spine)
        yield Expected(STATED[name], f"{kind} of {spine}", said, other == region)
        yield Expected(STATED[unlocated], f"{kind} of {spine}", said, False)
        named = diagnosis("hasDiagnosis", EDX[other + kind], "Suspected")
        yield Expected(STATED[name], f"{other}{kind}", named, other == region)
        yield Expected(STATED[unlocated], f"{other}{kind}", named, False)
        denied = diagnosis("hasIndication", EDX[f"Without{other}Radiculopathy"], "Confirmed", name="denying")
        yield Expected(EXCLUDED[name], f"a title without {other} radiculopathy alone", denied, False)
        beside = denied | diagnosis("hasDiagnosis", EDX[name], "Suspected")
        yield Expected(EXCLUDED[name], f"a title without {other} radiculopathy beside it", beside, other == region)
        yield Expected(STATED[name], f"a title without {other} radiculopathy beside it", beside, True)
    somewhere = diagnosis("hasDiagnosis", EDX[kind], "Suspected")
    yield Expected(STATED[name], f"{kind} somewhere", somewhere, False)
    yield Expected(STATED[unlocated], f"{kind} somewhere", somewhere, True)
    yield Expected(REFUTED[unlocated], f"{kind} excluded", excludes(EDX[kind]), True)
    yield Expected(REFUTED[unlocated], f"{name} excluded", excludes(EDX[name]), False)
    yield Expected(REFUTED[unlocated], "another disease is the indication", OTHER, True)


# What codes state only together. The pairs are those of the index of ICD-10-CM for the causes that source 001 names
# (heading 8, items 10 and 12): hypothyroidism E03.9 with G63, and so on. What a code leaves open is the reading of the
# editions: a finding of the kind that follows from the disease, where the disease would show itself.

PAIRS = {
    "AmyloidNeuropathy": "Amyloidosis",
    "HypothyroidNeuropathy": "Hypothyroidism",
    "VitaminB12DeficiencyNeuropathy": "VitaminB12Deficiency",
    "ThiamineDeficiencyNeuropathy": "ThiamineDeficiency",
    "UremicNeuropathy": "ChronicKidneyDisease",
}


def of_a_pair(name: str) -> Iterator[Expected]:
    neuropathy, cause = EDX[name], EDX[PAIRS[name]]

    def half(cls: URIRef, link: str = "hasDiagnosis", certainty: str = "Suspected") -> frozenset[Triple]:
        return diagnosis(link, cls, certainty, name=cls.removeprefix(str(EDX)))

    def told(story: str, triples: frozenset[Triple], *, stated: bool, polyneuropathy: bool) -> Iterator[Expected]:
        yield Expected(STATED[name], story, triples, stated)
        yield Expected(STATED.Polyneuropathy, story, triples, polyneuropathy)

    other = half(EDX.ManifestationPolyneuropathy)
    yield from told("nothing said", record(), stated=False, polyneuropathy=False)
    for link in ("hasIndication", "hasDiagnosis", "establishedDiagnosis"):
        yield from told(f"named outright, {link}", half(neuropathy, link), stated=True, polyneuropathy=True)
    yield from told("ruled out", half(neuropathy, certainty="RuledOut"), stated=False, polyneuropathy=False)
    for link in ("hasIndication", "hasDiagnosis"):
        yield from told(f"cause alone, {link}", half(cause, link), stated=False, polyneuropathy=False)
        alone = half(EDX.ManifestationPolyneuropathy, link)
        yield from told(f"polyneuropathy alone, {link}", alone, stated=False, polyneuropathy=True)
        for certainty in ("Suspected", "Confirmed"):
            both = half(cause, link, certainty) | other
            yield from told(f"both, cause {certainty} by {link}", both, stated=True, polyneuropathy=True)
            both = half(cause) | half(EDX.ManifestationPolyneuropathy, link, certainty)
            yield from told(f"both, polyneuropathy {certainty} by {link}", both, stated=True, polyneuropathy=True)
    yield from told("cause ruled out", half(cause, certainty="RuledOut") | other, stated=False, polyneuropathy=True)
    rejected = half(cause) | half(EDX.ManifestationPolyneuropathy, certainty="RuledOut")
    yield from told("polyneuropathy ruled out", rejected, stated=False, polyneuropathy=False)
    yield from told("any polyneuropathy", half(cause) | half(EDX.Polyneuropathy), stated=False, polyneuropathy=True)
    earlier = half(cause) | half(EDX.ManifestationPolyneuropathy, "establishedDiagnosis")
    yield from told("polyneuropathy by an earlier study only", earlier, stated=False, polyneuropathy=True)
    for another in PAIRS.values():
        if EDX[another] != cause:
            yield from told(f"with {another}", half(EDX[another]) | other, stated=False, polyneuropathy=True)


ROOT_FINDINGS = ("RadicularPain", "SensoryDeficit", "Numbness", "MuscleWeakness", "Hyporeflexia", "ReflexAsymmetry")
NO_ROOT_FINDINGS = ("Pain", "LimbPain", "LowBackPain", "Paresthesia", "Hyperreflexia", "MuscleCramp", "Spasticity")
SUPPLIED = {"Cervical": "UpperLimb", "Thoracic": "Trunk", "Lumbosacral": "LowerLimb"}


def finding(kind: str, body: str = "") -> frozenset[Triple]:
    said = {(EX.request, EDX.hasFinding, EX.finding), (EX.finding, RDF.type, EDX[kind])}
    return frozenset(said | ({(EX.finding, EDX.bodyRegion, EDX[body])} if body else set()))


def of_a_possible_root(region: str) -> Iterator[Expected]:
    """A code that leaves root compression open, alone and with findings, where its root leads and elsewhere."""
    shape, cls = STATED[f"{region}NerveRootCompression"], EDX[f"Possible{region}NerveRootCompression"]
    suspected = diagnosis("hasIndication", cls, "Suspected")
    yield Expected(shape, "the code alone", suspected, False)
    for kind in ROOT_FINDINGS:
        yield Expected(shape, f"{kind} alone", finding(kind), False)
        yield Expected(shape, f"{kind} somewhere", suspected | finding(kind), False)
        for body in SUPPLIED.values():
            there = suspected | finding(kind, body)
            yield Expected(shape, f"{kind} in {body}", there, body == SUPPLIED[region])
    for kind in NO_ROOT_FINDINGS:
        yield Expected(shape, f"{kind}, no finding of a root", suspected | finding(kind, SUPPLIED[region]), False)
    raised = suspected | finding("PositiveStraightLegRaise")
    yield Expected(shape, "straight leg raise", raised, region == "Lumbosacral")
    pain = finding("RadicularPain", SUPPLIED[region])
    absent = record((EX.request, EDX.excludesFinding, EDX.RadicularPain))
    yield Expected(shape, "radicular pain absent", suspected | absent, False)
    yield Expected(shape, "ruled out", diagnosis("hasIndication", cls, "RuledOut") | pain, False)
    yield Expected(shape, "confirmed in the record", diagnosis("hasDiagnosis", cls, "Confirmed") | pain, True)
    for other, spine in REGIONS.items():
        named = diagnosis("hasDiagnosis", EDX[f"Possible{other}NerveRootCompression"], "Suspected")
        yield Expected(shape, f"the code of {other}", named | pain, other == region)
        beside = diagnosis("hasDiagnosis", EDX.PossibleNerveRootCompression, "Suspected", region=spine)
        yield Expected(shape, f"a code without region, {spine} stated", beside | pain, other == region)
        yield Expected(STATED.UnlocatedRootCompression, f"{spine} stated", beside | pain, False)
    somewhere = diagnosis("hasDiagnosis", EDX.PossibleNerveRootCompression, "Suspected")
    yield Expected(shape, "no region", somewhere | pain, False)
    yield Expected(STATED.UnlocatedRootCompression, "no region", somewhere | pain, True)
    yield Expected(STATED.UnlocatedRootCompression, "no region, no finding", somewhere, False)
    yield Expected(STATED.UnlocatedRootCompression, "region by class", suspected | pain, False)
    denied = diagnosis("hasDiagnosis", EDX[f"Without{region}Radiculopathy"], "Confirmed", name="denying")
    excluded = EXCLUDED[f"{region}NerveRootCompression"]
    yield Expected(excluded, "denied by another title, no finding", denied | suspected, False)
    yield Expected(excluded, "denied by another title", denied | suspected | pain, True)


def of_other_conditions() -> Iterator[Expected]:
    vagus = diagnosis("hasIndication", EDX.PossibleRecurrentLaryngealNeuropathy, "Suspected")
    rash = diagnosis("hasIndication", EDX.PossibleDermatomyositis, "Suspected")
    for kind in ("VocalFoldParalysis", "MuscleWeakness", "SwallowingDysfunction", "Dysarthria"):
        moved = kind == "VocalFoldParalysis"
        yield Expected(STATED.RecurrentLaryngealNeuropathy, f"vagus and {kind}", vagus | finding(kind), moved)
        yield Expected(STATED.RecurrentLaryngealNeuropathy, f"{kind} alone", finding(kind), False)
        yield Expected(STATED.Myopathy, f"rash and {kind}", rash | finding(kind), kind == "MuscleWeakness")
        yield Expected(STATED.Myopathy, f"{kind} alone", finding(kind), False)
    yield Expected(STATED.RecurrentLaryngealNeuropathy, "vagus alone", vagus, False)
    yield Expected(STATED.Myopathy, "rash alone", rash, False)
    for link, cls, kind, disease in (
        (
            "hasDiagnosis",
            EDX.PossibleRecurrentLaryngealNeuropathy,
            "VocalFoldParalysis",
            "RecurrentLaryngealNeuropathy",
        ),
        ("hasDiagnosis", EDX.PossibleDermatomyositis, "MuscleWeakness", "Myopathy"),
    ):
        yield Expected(STATED[disease], "ruled out", diagnosis(link, cls, "RuledOut") | finding(kind), False)
        yield Expected(STATED[disease], "confirmed", diagnosis(link, cls, "Confirmed") | finding(kind), True)


def of_an_encounter() -> Iterator[Expected]:
    for name, injury, later in (
        ("InitialEncounterDiagnosis", True, False),
        ("SubsequentEncounterDiagnosis", True, True),
        ("SequelaEncounterDiagnosis", True, True),
        ("TraumaticNerveInjury", False, False),
    ):
        for link in ("hasIndication", "hasDiagnosis"):
            for certainty in ("Suspected", "Confirmed"):
                said = diagnosis(link, EDX[name], certainty)
                yield Expected(STATED["coded-injury"], f"{name} {link} {certainty}", said, injury)
                yield Expected(STATED["later-encounter"], f"{name} {link} {certainty}", said, later)
        ruled_out = diagnosis("hasIndication", EDX[name], "RuledOut")
        yield Expected(STATED["coded-injury"], f"{name} ruled out", ruled_out, False)
        yield Expected(STATED["later-encounter"], f"{name} ruled out", ruled_out, False)
    effect = diagnosis("hasIndication", EDX.SubsequentEncounterDiagnosis, "Confirmed")
    effect |= {(EX.diagnosis, RDF.type, EDX.PossibleCauseOfNeuropathy)}
    for shape in ("coded-injury", "later-encounter"):
        yield Expected(STATED[shape], "adverse effect of a drug", effect, False)
    never = EXCLUDED["any-earlier-study"]
    yield Expected(never, "nothing said", record(), False)
    for kind, any_kind in (("ElectrodiagnosticStudy", True), ("NeedleElectromyography", False)):
        yield Expected(never, f"{kind} never done", record((EX.request, EDX.excludesEarlierStudy, EDX[kind])), any_kind)


@cache
def tables() -> dict[str, list[Expected]]:
    found = {name: list(of_a_disease(name)) for name in DISEASES}
    found |= {name: list(of_a_finding(name)) for name in FINDINGS}
    found |= {f"purpose {name}": list(of_a_purpose(name)) for name in STATED_PURPOSES}
    for kind in ("NerveRootCompression", "Radiculopathy"):
        found |= {f"{region} {kind}": list(of_a_root(kind, region)) for region in REGIONS}
    found |= {f"pair {name}": list(of_a_pair(name)) for name in PAIRS}
    found |= {f"possible {region} root": list(of_a_possible_root(region)) for region in REGIONS}
    found |= {"other conditions": list(of_other_conditions()), "encounters": list(of_an_encounter())}
    return found


def wrong(expected: list[Expected], graph: Graph) -> list[str]:
    """The expectations that the shapes of a graph do not fulfil."""
    reader = ShapeReader(graph, read_components(graph))
    shapes = {item.shape: reader.shape(item.shape) for item in expected}
    found = []
    for item in expected:
        conforms = compile_shape(shapes[item.shape])(Index.of(item.triples, knowledge().hierarchy), EX.request)
        if conforms is not item.holds:
            found.append(f"{item.shape}: {item.story} should {'' if item.holds else 'not '}conform")
    return found


@pytest.mark.parametrize("name", tables())
def test_statement_is_read_as_the_design_has_it(name: str) -> None:
    assert wrong(tables()[name], editions()["bcbsnd-emg-ncs"].graph) == []


def test_no_disease_or_finding_of_the_shapes_is_left_out() -> None:
    graph = editions()["bcbsnd-emg-ncs"].graph
    described = {str(s).removeprefix(str(REFUTED)) for s in graph.subjects() if str(s).startswith(str(REFUTED))}
    # what stands for several classes or purposes at once has its cases in cases/
    combined = {
        "FocalNeuropathy",
        "recovery-prognosis-or-intervention",
        "UnlocatedRootCompression",
        "UnlocatedRootLesion",
    }
    assert described == {*DISEASES, *FINDINGS, *STATED_PURPOSES} | combined
