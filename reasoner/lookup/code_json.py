"""What codes mean, as JSON; the same things as in the text, with IRIs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from rdflib import URIRef

from reasoner.case import curie
from reasoner.knowledge import Knowledge
from reasoner.lookup.code_meaning import CodeMeaning
from reasoner.lookup.code_policies import PolicyMeaning
from reasoner.policy.edition import Criterion
from reasoner.terminology import codes as terminology
from reasoner.terminology.codes import Icd10cmCode
from reasoner.terminology.mappings import Mapping
from reasoner.terminology.procedures import ProcedureCode

Json = dict[str, Any]


def code_as_json(meaning: CodeMeaning, knowledge: Knowledge) -> Json:
    """What a diagnosis code is and means."""

    def term(cls: URIRef) -> Json:
        return {"iri": str(cls), "curie": curie(cls), "label": knowledge.labels.get(cls)}

    code = meaning.code
    return {
        "code": code.code,
        "system": "http://hl7.org/fhir/sid/icd-10-cm",
        "title": code.title,
        "release": meaning.release,
        "in_release": meaning.in_release,
        "billable": code.billable,
        "billable_codes_below": [_entry(entry) for entry in meaning.below],
        "first_day": _day(code.first_day),
        "last_day": _day(code.last_day),
        "on": _day(meaning.on),
        "in_force_on": meaning.in_force,
        "billable_on": meaning.billable_on,
        "releases": [
            {
                "release": standing.release,
                "in_force_from": _day(standing.in_force_from),
                "in_force_to": _day(standing.in_force_to),
                "title": standing.title,
                "billable": standing.billable,
            }
            for standing in meaning.standings
        ],
        "hierarchy": [_entry(entry) for entry in meaning.above],
        "classes": [term(cls) for cls in meaning.classes],
        "side": term(meaning.side) if meaning.side else None,
        "encounter": term(meaning.encounter) if meaning.encounter else None,
        "affirmed": [row_as_json(row) for row in meaning.affirmed],
        "denied": [row_as_json(row) for row in meaning.denied],
        "left_out_of": [row_as_json(row) for row in meaning.left_out],
        "excludes1": [
            {"noted_at": note.noted_at, "excluded": note.excluded or None, "text": note.text}
            for note in meaning.excludes1
        ],
        "contradicts": [
            {
                **term(other.cls),
                "roots": [row.code for row in other.roots],
                "kept_apart_by_a_note": [
                    row.code for row in other.roots if row.code and terminology.excludes1_between(code.code, row.code)
                ],
            }
            for other in meaning.contradicted
        ],
        "policies": [_policy(policy) for policy in meaning.policies],
        "reviewed": False,
    }


def procedure_as_json(code: ProcedureCode, row: Mapping, notice: str, on: date | None) -> Json:
    """What a procedure code stands for."""
    return {
        "code": code.code,
        "iri": str(code.iri),
        "own_words": code.label,
        "study": str(code.study_class) if code.study_class else None,
        "counts": code.counts,
        "unit": code.unit,
        "minimum": code.minimum,
        "maximum": code.maximum,
        "deleted_on": _day(code.deleted_on),
        "on": _day(on),
        "in_use_on": None if on is None else code.in_use(on),
        "verified": code.verified,
        "mapping": row_as_json(row),
        "notice": notice,
        "reviewed": False,
    }


def row_as_json(row: Mapping) -> Json:
    """A row of a mapping set."""
    return {
        "subject": curie(row.subject),
        "predicate": curie(row.predicate),
        "negated": row.negated,
        "object": row.object,
        "object_label": row.object_label,
        "role": row.role,
        "excluded_roots": list(row.excluded_roots),
        "class": curie(row.edx_class) if row.edx_class else None,
        "confidence": row.confidence,
        "clause": curie(row.clause) if row.clause else None,
        "item": row.item or None,
        "comment": row.comment or None,
        **row.extra,
    }


def _policy(policy: PolicyMeaning) -> Json:
    edition = policy.edition
    return {
        "policy": edition.slug,
        "edition": str(edition.iri),
        "title": edition.title,
        "meets": [_criterion(criterion) for criterion in policy.meets],
        "exclusions_met": [c.name for c in policy.meets if c in edition.exclusions],
        "composites_met": _names(policy.reached),
        "open_above": [
            {"criterion": waiting.criterion.name, "open_parts": _names(waiting.parts)} for waiting in policy.waiting
        ],
        "asked_for_now": _names(policy.applies),
        "refutes": [_criterion(criterion) for criterion in policy.refutes],
        "refutes_as_only_indication": _names(policy.refutes_as_indication),
        "left_open": [
            {
                "concept": curie(left.row.subject),
                "role": left.row.role,
                "criteria": _names(left.criteria),
                "counts_only_with_codes": list(left.codes),
                "counts_only_with_findings": [
                    {"finding": curie(needed.cls), "in": [curie(place) for place in needed.places]}
                    for needed in left.findings
                ],
            }
            for left in policy.left_open
        ],
        "conflicts_beside": [
            {"class": curie(against.cls), "criteria": _names(against.criteria)}
            for against in policy.stands_against
            if against.criteria
        ],
    }


def _criterion(criterion: Criterion) -> Json:
    return {
        "criterion": criterion.name,
        "iri": str(criterion.iri),
        "label": criterion.label,
        "clauses": [{"iri": str(clause.iri), "place": clause.place} for clause in criterion.clauses],
    }


def _names(criteria: Iterable[Criterion]) -> list[str]:
    return [criterion.name for criterion in criteria]


def _entry(entry: Icd10cmCode) -> Json:
    return {"code": entry.code, "title": entry.title}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
