"""Attacks on what a policy means: a validator that loads all into one graph falls for each, intake names each."""

import pytest
from attacks import ATTACKS, COVERED, Attack, naively_conforms
from judging import knowledge

import reasoner
from reasoner.case import Severity
from reasoner.terms import INTAKE

every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def taken_in(attack: Attack, triple: str = "") -> reasoner.IntakeResult:
    return reasoner.validate((attack.record.text + triple).encode(), name="case.ttl")


def test_there_are_fifteen_attacks_and_more_and_the_record_behind_them_is_covered() -> None:
    assert len({attack.triple for attack in ATTACKS}) == len(ATTACKS) >= 15
    (case,) = reasoner.validate(COVERED.text.encode(), name="case.ttl").cases
    assert reasoner.determine(case, knowledge()).outcome is reasoner.Outcome.MEDICALLY_NECESSARY


@every_attack
def test_the_record_is_judged_and_the_attack_refused_by_name(attack: Attack) -> None:
    (case,) = taken_in(attack).cases
    assert reasoner.determine(case, knowledge()).outcome is not reasoner.Outcome.MEDICALLY_NECESSARY
    result = taken_in(attack, attack.triple)
    assert not result.cases
    said = [p for p in result.refusals[0].problems if p.severity is Severity.ERROR]
    named = [p for p in said if p.source_shape == INTAKE[attack.rule] and attack.named in str(p)]
    assert named, [str(p) for p in said]
    subject = attack.triple.split()[0]
    assert any(subject in str(p) or str(p.node).endswith(subject.partition(":")[2]) for p in named)


@pytest.mark.slow
@every_attack
def test_one_merged_graph_is_turned_from_denied_to_conforming(attack: Attack) -> None:
    assert not naively_conforms(attack, with_triple=False)
    assert naively_conforms(attack, with_triple=True)


REFUSED: dict[str, tuple[str, str]] = {
    "ex:finding rdfs:subClassOf edx:MuscleWeakness .": ("no-schema-statement", "rdfs:subClassOf"),
    "ex:finding rdfs:subPropertyOf edx:hasFinding .": ("no-schema-statement", "rdfs:subPropertyOf"),
    "ex:finding rdfs:domain edx:Request .": ("no-schema-statement", "rdfs:domain"),
    "ex:finding rdfs:range edx:Request .": ("no-schema-statement", "rdfs:range"),
    "ex:finding owl:sameAs ex:diagnosis .": ("no-schema-statement", "owl:sameAs"),
    "ex:finding owl:equivalentClass edx:MuscleWeakness .": ("no-schema-statement", "owl:equivalentClass"),
    "ex:finding owl:disjointWith edx:MuscleWeakness .": ("no-schema-statement", "owl:disjointWith"),
    "ex:request owl:imports <file:///etc/policy.ttl> .": ("no-schema-statement", "owl:imports"),
    "ex:request owl:imports <https://example.org/policy.ttl> .": ("no-schema-statement", "owl:imports"),
    "ex:finding a owl:Restriction .": ("no-schema-statement", "owl:Restriction"),
    "ex:finding owl:onProperty edx:certainty .": ("no-schema-statement", "owl:onProperty"),
    "ex:finding owl:someValuesFrom edx:Finding .": ("no-schema-statement", "owl:someValuesFrom"),
    "ex:finding a rdfs:Class .": ("no-schema-statement", "rdfs:Class"),
    "ex:finding a rdf:Property .": ("known-term", "rdf:Property"),
    "ex:finding sh:deactivated true .": ("no-schema-statement", "sh:deactivated"),
    "ex:finding a sh:NodeShape .": ("no-schema-statement", "sh:NodeShape"),
    "ex:request sh:conforms true .": ("no-schema-statement", "sh:conforms"),
    "ex:request a sh:ValidationReport .": ("no-schema-statement", "sh:ValidationReport"),
    "edx:MuscleWeakness rdfs:label 'pain' .": ("own-nodes-only", "edx:MuscleWeakness"),
    "edx:Suspected a edx:Diagnosis .": ("own-nodes-only", "edx:Suspected"),
    "icd10cm:G56.01 rdfs:label 'pain' .": ("own-nodes-only", "icd10cm:G56.01"),
    "<http://purl.bioontology.org/ontology/CPT/95910> rdfs:label 'x' .": ("own-nodes-only", "cpt:95910"),
    "bcbsnd:medical-necessity rdfs:label 'x' .": ("own-nodes-only", "bcbsnd:medical-necessity"),
    "<https://w3id.org/edx-reasoner/policy/bcbsnd-emg-ncs/2020-01-22> edx:effectiveFrom '2030-01-01' .": ("own-nodes-only", "policy/bcbsnd-emg-ncs/2020-01-22"),
    "<https://w3id.org/edx-reasoner/determination/x> rdfs:label 'x' .": ("own-nodes-only", "determination/x"),
    "<https://w3id.org/edx-reasoner/payer/bcbsnd> rdfs:label 'x' .": ("own-nodes-only", "payer/bcbsnd"),
    "ex:request a edx:Determination .": ("known-term", "edx:Determination"),
    "ex:request edx:recommendation edx:MedicallyNecessary .": ("known-term", "edx:recommendation"),
    "ex:request edx:status edx:Met .": ("known-term", "edx:status"),
    "ex:request <http://www.w3.org/ns/prov#wasGeneratedBy> ex:x .": ("known-term", "prov:wasGeneratedBy"),
    "ex:request a <http://www.w3.org/ns/prov#Entity> .": ("known-term", "prov:Entity"),
    "ex:finding <http://www.w3.org/2004/02/skos/core#broader> edx:MuscleWeakness .": ("known-term", "skos:broader"),
    "ex:request <http://purl.org/dc/terms/source> ex:x .": ("known-term", "dcterms:source"),
    "ex:request edx:minimumStudies 0 .": ("known-term", "edx:minimumStudies"),
}  # fmt: skip
"""A statement beside a covered case, the rule that it breaks, and the name that is told."""


@pytest.mark.parametrize("statement", REFUSED)
def test_what_no_case_may_state_is_refused_by_name(statement: str) -> None:
    rule, named = REFUSED[statement]
    result = reasoner.validate((COVERED.text + statement).encode(), name="case.ttl")
    assert not result.cases
    said = [str(p) for p in result.refusals[0].problems if p.source_shape == INTAKE[rule]]
    assert any(named in text for text in said), [str(p) for p in result.refusals[0].problems]
