"""The nine traps of coding for electrodiagnostic studies, each as a test of the map that is red when the map is spoilt.

A check derives from the rows alone which classes a code stands under and which concepts its rows serve or deny; that the
codes as built stand where the rows put them is held by test_terminology. What a check expects comes from the policy
(source 001) and from titles, inclusion terms, notes and index of the tabular list.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import pytest
from rdflib import SKOS, URIRef

from reasoner.terminology.class_files import side
from reasoner.terminology.codes import children, excludes1_between, icd10cm
from reasoner.terminology.mappings import NO_TERM, Mapping, read_mapping_set
from reasoner.terminology.ontology import hierarchy
from reasoner.terms import EDX, ICD10CM, PREFIXES

Rows = tuple[Mapping, ...]
ROWS: Final = read_mapping_set("icd10cm").mappings
REGIONS: Final = {
    "Cervical": ("M47.811", "M47.812", "M47.813"),
    "Thoracic": ("M47.814", "M47.815"),
    "Lumbosacral": ("M47.816", "M47.817", "M47.818"),
}


def name_of(iri: URIRef | None) -> str:
    return str(iri or "").rpartition("#")[2]


def reaching(rows: Rows, code: str) -> list[Mapping]:
    """The rows that speak of a code, found by its spelling: a code begins with every code above it."""
    return [
        row
        for row in rows
        if row.code and code.startswith(row.code) and not (row.excluded_roots and code.startswith(row.excluded_roots))
    ]


def classes(rows: Rows, code: str) -> set[str]:
    """Names of the classes of the ontology that the rows place a code under, and of those above them."""
    placed = {row.edx_class for row in reaching(rows, code) if row.edx_class}
    return {name_of(above) for cls in placed for above in hierarchy().ancestors(cls)}


def served(rows: Rows, code: str) -> set[str]:
    """Names of the concepts that a code serves in some role."""
    return {name_of(row.subject) for row in reaching(rows, code) if not row.negated}


def denied(rows: Rows, code: str) -> set[str]:
    """Names of the concepts that a code is said not to be."""
    return {name_of(row.subject) for row in reaching(rows, code) if row.negated}


def roles(rows: Rows, code: str, concept: str) -> set[str]:
    return {row.role for row in reaching(rows, code) if name_of(row.subject) == concept}


def billable(*roots: str) -> list[str]:
    return [found.code for root in roots for found in children(root) or (icd10cm(root),) if found]


# The checks: each gives what is wrong, or nothing.


def without_radiculopathy(rows: Rows) -> Iterable[str]:
    """Titles of M47.81- say "without myelopathy or radiculopathy"; M47.819 states no site."""
    for region, codes in REGIONS.items():
        for code in codes:
            found = {name for name in classes(rows, code) if name.startswith("Without")}
            if found != {"WithoutRadiculopathy", f"Without{region}Radiculopathy"}:
                yield f"{code} denies {found}"
    for code in billable("M47.81"):
        if not {"Radiculopathy", "NerveRootCompression"} <= denied(rows, code):
            yield f"{code} is not denied"
        if "NamedDisease" in classes(rows, code) or "StructuralSpineDisorder" not in classes(rows, code):
            yield f"{code} is placed under a disease"
        if any(name.endswith(("Radiculopathy", "NerveRootCompression")) for name in served(rows, code)):
            yield f"{code} serves radiculopathy"
    if any(name.startswith("Without") for name in classes(rows, "M47.819")):
        yield "M47.819 denies a region"
    if "LumbosacralRadiculopathy" not in classes(rows, "M54.16"):
        yield "M54.16 is no radiculopathy"
    if not {"LumbosacralRadiculopathy", "LumbosacralNerveRootCompression"} <= classes(rows, "M47.26"):
        yield "M47.26 is not both"


def referred_leg_pain(rows: Rows) -> Iterable[str]:
    """Inclusion terms of M51.361, .362, .371 and .372 speak of referred sclerotomal pain."""
    for code in ("M51.361", "M51.362", "M51.371", "M51.372"):
        if classes(rows, code) != {"Diagnosis", "SpineDisorder", "StructuralSpineDisorder"}:
            yield f"{code} stands under {classes(rows, code)}"
        if not {"Radiculopathy", "NerveRootCompression"} <= denied(rows, code):
            yield f"{code} is not denied"
        if served(rows, code) != {"StructuralSpineDisorder"}:
            yield f"{code} serves {served(rows, code)}"


def stray_roots(rows: Rows) -> Iterable[str]:
    """Titles: M33.03, .13 and .93 are without myopathy; others name the disease outside its block."""
    for code in ("M33.03", "M33.13", "M33.93"):
        if "NamedDisease" in classes(rows, code):
            yield f"{code} is placed under a disease"
        if roles(rows, code, "Dermatomyositis") != {"conditional"}:
            yield f"{code} is not conditional"
    elsewhere = {
        "Dermatomyositis": ("M36.0", "M33.02", "M33.12"),
        "LambertEatonMyasthenicSyndrome": ("G73.1", "G70.80", "G70.81"),
        "BotulinumToxicity": ("A05.1", "A48.51", "A48.52"),
    }
    for disease, codes in elsewhere.items():
        yield from (f"{code} is no {disease}" for code in codes if disease not in classes(rows, code))


def muscular_atrophy_and_pseudobulbar_palsy(rows: Rows) -> Iterable[str]:
    """Title of G12.25; index for pseudobulbar palsy, G12.29; F48.2 is an affect."""
    reached = {code for code in billable("G12", "F48", "M62.5") if "ProgressiveMuscularAtrophy" in served(rows, code)}
    if reached != {"G12.25"}:
        yield f"progressive muscular atrophy is {reached}"
    reached = {code for code in billable("G12", "F48") if "PseudobulbarPalsy" in served(rows, code)}
    if reached != {"G12.29"}:
        yield f"pseudobulbar palsy is {reached}"
    if "MotorNeuronDisease" not in classes(rows, "G12.29"):
        yield "G12.29 is no motor neuron disease"
    if "PseudobulbarPalsy" in classes(rows, "G12.29"):
        yield "every G12.29 is pseudobulbar palsy"
    if "PseudobulbarPalsy" not in denied(rows, "F48.2") or "MotorNeuronDisease" in classes(rows, "F48.2"):
        yield "F48.2 is not denied"


SHARED: Final = {
    "G56.21": ({"CubitalTunnelSyndrome", "UlnarNerveEntrapment"}, "UlnarNerveEntrapment"),
    "G54.0": ({"ThoracicOutletSyndrome", "BrachialPlexopathy"}, "BrachialPlexopathy"),
    "G54.2": ({"CervicalPlexopathy", "CervicalRadiculopathy", "CervicalNerveRootCompression"}, "ConditionalDiagnosis"),
    "G60.9": ({"OtherHereditaryNeuropathy", "IdiopathicPeripheralNeuropathy"}, "Polyneuropathy"),
    "R29.2": ({"Hyperreflexia", "Hyporeflexia"}, "SymptomDiagnosis"),
}
"""One code, two items: the items, and what is right for whoever bears the code."""


def one_code_two_items(rows: Rows) -> Iterable[str]:
    """The ulnar nerve includes its tunnel, the brachial plexus its outlet; the other codes cover either item."""
    for code, (items, common) in SHARED.items():
        if not items <= served(rows, code):
            yield f"{code} does not serve {items - served(rows, code)}"
        if common not in classes(rows, code):
            yield f"{code} is no {common}"
        decided = (items | {"NamedDisease"} if common.endswith("Diagnosis") else items - {common}) & classes(rows, code)
        if decided:
            yield f"{code} alone decides for {decided}"


PAIRS: Final = {
    "E03.9": ("HypothyroidNeuropathy", "Hypothyroidism"),
    "E53.8": ("VitaminB12DeficiencyNeuropathy", "VitaminB12Deficiency"),
    "D51.0": ("VitaminB12DeficiencyNeuropathy", "VitaminB12Deficiency"),
    "N18.6": ("UremicNeuropathy", "ChronicKidneyDisease"),
    "N18.9": ("UremicNeuropathy", "ChronicKidneyDisease"),
    "E85.4": ("AmyloidNeuropathy", "Amyloidosis"),
    "E85.81": ("AmyloidNeuropathy", "Amyloidosis"),
    "E51.9": ("ThiamineDeficiencyNeuropathy", "ThiamineDeficiency"),
}


def cause_and_manifestation(rows: Rows) -> Iterable[str]:
    """The note at G63 has the cause coded first; index: the cause with G63 in brackets."""
    for code, (neuropathy, cause) in PAIRS.items():
        if classes(rows, code) != {"Diagnosis", "PossibleCauseOfNeuropathy", cause}:
            yield f"{code} stands under {classes(rows, code)}"
        found = [row for row in reaching(rows, code) if name_of(row.subject) == neuropathy]
        if {(row.role, row.extra.get("edx_with")) for row in found} != {("etiology", "G63")}:
            yield f"{code} does not need G63 to be {neuropathy}"
    if classes(rows, "G63") != {"Diagnosis", "NamedDisease", "Polyneuropathy", "ManifestationPolyneuropathy"}:
        yield f"G63 stands under {classes(rows, 'G63')}"
    for code, disease in (("E85.1", "AmyloidNeuropathy"), ("E51.11", "ThiamineDeficiencyNeuropathy")):
        if disease not in classes(rows, code):
            yield f"{code} is no {disease}"


def findings_that_no_code_states(rows: Rows) -> Iterable[str]:
    """No code says fatigable, myokymia of the eyelid, how long a palsy has lasted or that imaging was inconclusive."""
    for finding in ("FatigableWeakness", "Myokymia"):
        own = [row for row in rows if name_of(row.subject) == finding and not row.negated]
        if [row.predicate for row in own if row.object == NO_TERM] != [SKOS.exactMatch]:
            yield f"{finding} is not said to have no code"
        if any(row.predicate in (SKOS.exactMatch, SKOS.closeMatch) for row in own if row.code):
            yield f"{finding} has a code"
    if {frozenset(served(rows, code)) for code in billable("J38.0")} != {frozenset({"RecurrentLaryngealNeuropathy"})}:
        yield "codes of laryngeal palsy differ by something else than side"
    placed = {row.edx_class for row in rows if row.edx_class}
    for kind in (EDX.Finding, EDX.Imaging, EDX.Examination):
        yield from (f"a code is placed under {name_of(cls)}" for cls in placed if kind in hierarchy().ancestors(cls))
        if kind != EDX.Finding and any(kind in hierarchy().ancestors(row.subject) for row in rows):
            yield f"a code serves {name_of(kind)}"


def pain(rows: Rows) -> Iterable[str]:
    """Neither is in the policy's list of symptoms; its table of maxima has rows for pain."""
    for code, wanted in (("M79.604", {"Diagnosis", "SymptomDiagnosis"}), ("M54.50", None)):
        listed = f"{PREFIXES['bcbsnd']}clause-symptom-"
        if any(str(row.clause).startswith(listed) for row in reaching(rows, code) if not row.negated):
            yield f"{code} serves a listed symptom"
        if "NamedDisease" in classes(rows, code) or (wanted and classes(rows, code) != wanted):
            yield f"{code} stands under {classes(rows, code)}"
    if "SensoryDeficit" not in denied(rows, "M79.604"):
        yield "M79.604 is not denied"
    if "Radiculopathy" not in denied(rows, "M54.50"):
        yield "M54.50 is not denied"
    if {"Diagnosis", "SpineDisorder", "SpinalPain"} - classes(rows, "M54.50"):
        yield "M54.50 is no pain of the spine"
    if any(name.startswith("Without") for name in classes(rows, "M54.50")):
        yield "M54.50 denies radiculopathy as a title does"


def sides_and_encounters(rows: Rows) -> Iterable[str]:
    """Right, left and bilateral are codes of their own, and every encounter after an injury is one."""
    sides = {
        "G56.01": "edx:RightSidedDiagnosis",
        "G56.02": "edx:LeftSidedDiagnosis",
        "G56.03": "edx:BilateralDiagnosis",
    }
    for code in ("G56.00", *sides):
        entry = icd10cm(code)
        if "CarpalTunnelSyndrome" not in classes(rows, code) or entry is None or side(entry.title) != sides.get(code):
            yield f"{code} is no carpal tunnel syndrome of its side"
    for code in ("S54.01XA", "S54.01XD", "S54.01XS", "S14.3XXS", "S84.11XD"):
        if "TraumaticNerveInjury" not in classes(rows, code):
            yield f"{code} is no traumatic nerve injury"


CHECKS: Final[dict[int, Callable[[Rows], Iterable[str]]]] = {
    1: without_radiculopathy,
    2: referred_leg_pain,
    3: stray_roots,
    4: muscular_atrophy_and_pseudobulbar_palsy,
    5: one_code_two_items,
    6: cause_and_manifestation,
    7: findings_that_no_code_states,
    8: pain,
    9: sides_and_encounters,
}


# The traps.


def test_trap_1_without_radiculopathy_is_only_a_title() -> None:
    assert not list(without_radiculopathy(ROWS))
    assert not excludes1_between("M47.816", "M54.16")  # no note says it, so the classes have to
    assert excludes1_between("M47.26", "M54.16")


def test_trap_2_lower_extremity_pain_of_a_disc_is_referred_and_no_radiculopathy() -> None:
    assert not list(referred_leg_pain(ROWS))


def test_trap_3_stray_roots() -> None:
    assert not list(stray_roots(ROWS))


def test_trap_4_progressive_muscular_atrophy_and_pseudobulbar_palsy() -> None:
    assert not list(muscular_atrophy_and_pseudobulbar_palsy(ROWS))


def test_trap_5_one_code_of_two_items_decides_for_neither() -> None:
    assert not list(one_code_two_items(ROWS))


def test_trap_6_a_cause_alone_opens_nothing() -> None:
    assert not list(cause_and_manifestation(ROWS))


def test_trap_7_what_only_a_finding_can_say_has_no_code() -> None:
    assert not list(findings_that_no_code_states(ROWS))


def test_trap_8_leg_pain_and_low_back_pain_are_no_listed_symptoms() -> None:
    assert not list(pain(ROWS))


def test_trap_9_sides_and_seventh_characters_are_kept() -> None:
    assert not list(sides_and_encounters(ROWS))


# The spoilt map.


def only(subject: str, code: str) -> Mapping:
    found = [row for row in ROWS if name_of(row.subject) == subject and row.code == code]
    assert len(found) == 1, (subject, code)
    return found[0]


def drop(subject: str, code: str) -> Rows:
    gone = only(subject, code)
    return tuple(row for row in ROWS if row is not gone)


def change(subject: str, code: str, **fields: object) -> Rows:
    old = only(subject, code)
    return tuple(replace(row, **fields) if row is old else row for row in ROWS)


def add(subject: str, code: str, role: str = "direct", cls: str | None = None, clause: str = "diagnoses") -> Rows:
    row = replace(
        only("AmyotrophicLateralSclerosis", "G12.21"),
        subject=EDX[subject],
        object=f"ICD10CM:{code}",
        role=role,
        edx_class=EDX[subject if cls is None else cls] if cls != "" else None,
        clause=URIRef(f"{PREFIXES['bcbsnd']}clause-{clause}"),
        predicate=SKOS.narrowMatch,
    )
    return (*ROWS, row)


SPOILT: Final[dict[str, tuple[int, Rows]]] = {
    "the denial of M47.816 is left out": (1, drop("LumbosacralRadiculopathy", "M47.816")),
    "M47.816 denies the neck": (
        1,
        change("LumbosacralRadiculopathy", "M47.816", edx_class=EDX.WithoutCervicalRadiculopathy),
    ),
    "the denial of M47.81 is said without Not": (1, change("Radiculopathy", "M47.81", negated=False)),
    "M47.8 is taken for radiculopathy": (1, change("StructuralSpineDisorder", "M47.8", edx_class=EDX.Radiculopathy)),
    "M47.26 is left out of radiculopathy": (1, drop("LumbosacralRadiculopathy", "M47.26")),
    "M47.819 is placed under a region": (1, add("SpinalPain", "M47.819", "negative", "WithoutThoracicRadiculopathy")),
    "M51.36 is taken for lumbosacral radiculopathy": (2, add("LumbosacralRadiculopathy", "M51.36")),
    "M51.371 may be root compression": (2, add("LumbosacralNerveRootCompression", "M51.371", "conditional", "")),
    "the denial of M51.37 is left out": (2, drop("Radiculopathy", "M51.37")),
    "M51.3 is left out of the spine disorders": (
        2,
        change("StructuralSpineDisorder", "M51", excluded_roots=("M51.1", "M51.3")),
    ),
    "M33.0 is taken whole": (3, change("Dermatomyositis", "M33.0", excluded_roots=())),
    "M33.13 is direct": (3, change("Dermatomyositis", "M33.13", role="direct", edx_class=EDX.Dermatomyositis)),
    "M36.0 is forgotten": (3, drop("Dermatomyositis", "M36.0")),
    "G73.1 is forgotten": (3, drop("LambertEatonMyasthenicSyndrome", "G73.1")),
    "A48.5 is forgotten": (3, drop("BotulinumToxicity", "A48.5")),
    "progressive muscular atrophy follows the stale note": (
        4,
        change("ProgressiveMuscularAtrophy", "G12.25", object="ICD10CM:G12.21"),
    ),
    "progressive muscular atrophy is G12.21 too": (4, add("ProgressiveMuscularAtrophy", "G12.21")),
    "pseudobulbar palsy is F48.2": (4, change("PseudobulbarPalsy", "F48.2", negated=False, role="direct")),
    "every G12.29 is pseudobulbar palsy": (
        4,
        change("PseudobulbarPalsy", "G12.29", role="direct", edx_class=EDX.PseudobulbarPalsy),
    ),
    "the cubital tunnel is forgotten": (5, drop("CubitalTunnelSyndrome", "G56.2")),
    "every G54.0 is thoracic outlet syndrome": (
        5,
        change("ThoracicOutletSyndrome", "G54.0", role="direct", edx_class=EDX.ThoracicOutletSyndrome),
    ),
    "every G54.2 is cervical radiculopathy": (
        5,
        change("CervicalRadiculopathy", "G54.2", role="direct", edx_class=EDX.CervicalRadiculopathy),
    ),
    "G54.2 is not seen as plexopathy": (5, drop("CervicalPlexopathy", "G54.2")),
    "every G60.9 is idiopathic": (
        5,
        change("IdiopathicPeripheralNeuropathy", "G60.9", role="direct", edx_class=EDX.IdiopathicPeripheralNeuropathy),
    ),
    "R29.2 is brisk only": (5, drop("Hyporeflexia", "R29.2")),
    "E03.9 is direct": (6, change("HypothyroidNeuropathy", "E03", role="direct", edx_class=EDX.HypothyroidNeuropathy)),
    "N18.6 needs no partner": (6, change("UremicNeuropathy", "N18.6", extra={})),
    "E53.8 is another cause": (6, change("VitaminB12DeficiencyNeuropathy", "E53.8", edx_class=EDX.ThiamineDeficiency)),
    "G63 alone is hypothyroid": (6, add("HypothyroidNeuropathy", "G63", "manifestation")),
    "E85.1 is only a cause": (6, change("AmyloidNeuropathy", "E85.1", role="etiology", edx_class=EDX.Amyloidosis)),
    "M62.81 is fatigable weakness": (7, change("FatigableWeakness", "M62.81", predicate=SKOS.exactMatch)),
    "facial myokymia is that of the eyelid": (7, change("Myokymia", "G51.4", predicate=SKOS.closeMatch)),
    "nothing says that fatigable weakness has no code": (
        7,
        tuple(row for row in ROWS if not (row.object == NO_TERM and row.subject == EDX.FatigableWeakness)),
    ),
    "a code is a finding": (7, change("MuscleWeakness", "M62.81", edx_class=EDX.MuscleWeakness)),
    "a side of laryngeal palsy is left out": (
        7,
        change("RecurrentLaryngealNeuropathy", "J38.0", excluded_roots=("J38.01",)),
    ),
    "a code says what imaging found": (7, add("Imaging", "R93.7", "symptom", "SymptomDiagnosis")),
    "leg pain is a sensory deficit": (8, change("SensoryDeficit", "M79.6", negated=False, role="symptom")),
    "leg pain is a listed symptom": (
        8,
        add("MuscleWeakness", "M79.604", "symptom", "SymptomDiagnosis", "symptom-muscle-weakness"),
    ),
    "low back pain is root compression": (8, add("LumbosacralNerveRootCompression", "M54.5")),
    "low back pain is not denied": (8, drop("Radiculopathy", "M54.5")),
    "low back pain denies radiculopathy": (8, change("Radiculopathy", "M54.5", edx_class=EDX.WithoutRadiculopathy)),
    "the left carpal tunnel is left out": (9, change("CarpalTunnelSyndrome", "G56.0", excluded_roots=("G56.02",))),
    "bilateral carpal tunnel is left out": (9, change("CarpalTunnelSyndrome", "G56.0", excluded_roots=("G56.03",))),
    "later encounters are left out": (9, change("TraumaticNerveInjury", "S54", excluded_roots=("S54.01XD",))),
    "sequelae are left out": (9, change("TraumaticNerveInjury", "S14.3", excluded_roots=("S14.3XXS",))),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_the_test_of_a_trap_notices_the_spoilt_map(spoilt: str) -> None:
    trap, rows = SPOILT[spoilt]
    assert rows != ROWS
    assert list(CHECKS[trap](rows)), f"trap {trap} does not notice that {spoilt}"


def test_every_trap_has_been_spoilt_more_than_once() -> None:
    counts = [sum(trap == number for trap, _ in SPOILT.values()) for number in CHECKS]
    assert list(CHECKS) == list(range(1, 10))
    assert min(counts) > 2


@pytest.mark.parametrize("number", CHECKS)
def test_codes_as_built_stand_where_the_traps_want_them(number: int) -> None:
    named = {
        1: "M47.816",
        2: "M51.361",
        3: "M33.13",
        4: "G12.25",
        5: "G54.2",
        6: "E03.9",
        7: "M62.81",
        8: "M54.50",
        9: "G56.03",
    }
    code = named[number]
    built = {name_of(cls) for cls in hierarchy().ancestors(ICD10CM[code]) if str(cls).startswith(EDX)}
    assert built - {"BilateralDiagnosis"} == classes(ROWS, code)
