"""Native code for the queries of `shapes/intake/contradictions.ttl`: what a record states and denies.

The SPARQL text is normative; each function gives the solutions that the query has for a request. Tests hold the two
together. The index is one of a case beside the knowledge that its words stand for (`reasoner.intake.knowledge`).
"""

from collections.abc import Collection, Iterator
from typing import Final

from rdflib import RDF, URIRef
from rdflib.term import Node

from reasoner.rdf.index import Index
from reasoner.rdf.nodes import interned
from reasoner.shacl.shapes import Solution
from reasoner.terms import EDX

_TYPE: Final = interned(RDF.type)


def _edx(name: str) -> URIRef:
    return interned(EDX[name])


_BODY_REGION, _CERTAINTY, _DIAGNOSIS, _ESTABLISHED = map(
    _edx, ("bodyRegion", "certainty", "Diagnosis", "establishedDiagnosis")
)
_EXCLUDES_DIAGNOSIS, _EXCLUDES_FINDING, _EXCLUDES_STUDY = map(
    _edx, ("excludesDiagnosis", "excludesFinding", "excludesEarlierStudy")
)
_HAS_COURSE, _HAS_DIAGNOSIS, _HAS_FINDING, _HAS_INDICATION, _HAS_LIMB, _HAS_STUDY = map(
    _edx, ("hasCourse", "hasDiagnosis", "hasFinding", "hasIndication", "hasSymptomFreeLimb", "hasEarlierStudy")
)
_LATERALITY, _NORMAL, _RESULT, _SPINAL_REGION = map(_edx, ("laterality", "NormalResult", "result", "spinalRegion"))
_BILATERAL, _LEFT, _RIGHT, _RULED_OUT = map(_edx, ("Bilateral", "Left", "Right", "RuledOut"))
_SIDED: Final = {
    _edx("LeftSidedDiagnosis"): _LEFT,
    _edx("RightSidedDiagnosis"): _RIGHT,
    _edx("BilateralDiagnosis"): _BILATERAL,
}
_ROOT_DISEASE: Final = frozenset({_edx("Radiculopathy"), _edx("NerveRootCompression")})
_DENIED: Final = {
    _edx(f"Without{region}Radiculopathy"): (
        frozenset({_edx(f"{region}Radiculopathy"), _edx(f"{region}NerveRootCompression")}),
        _edx(f"{region}Spine"),
    )
    for region in ("Cervical", "Thoracic", "Lumbosacral")
}
_NO_KINDS: Final[frozenset[Node]] = frozenset()
_COURSES: Final[dict[Node, frozenset[URIRef]]] = {
    _edx("UnchangedCourse"): frozenset(
        _edx(name)
        for name in ("NewSymptomsSuggestingSecondDiagnosis", "Progression", "UnexpectedChange", "RapidEvolution")
    ),
    _edx("NonFluctuatingCourse"): frozenset({_edx("FluctuatingCourse")}),
}


def finding_not_excluded(index: Index, request: Node) -> Iterator[Solution]:
    """A finding of a kind that the request excludes."""
    exclusions = index.objects(request, _EXCLUDES_FINDING)
    values = _of_some_kind(index, index.objects(request, _HAS_FINDING), exclusions)
    for excluded in exclusions:
        for value in values:
            for kind in _types_at_or_below(index, value, excluded):
                yield {"path": _HAS_FINDING, "value": value, "kind": kind, "excluded": excluded}


def diagnosis_not_excluded(index: Index, request: Node) -> Iterator[Solution]:
    """A diagnosis, suspected or confirmed, of a kind that the request excludes."""
    exclusions = index.objects(request, _EXCLUDES_DIAGNOSIS)
    values = _of_some_kind(index, diagnoses_of(index, request), exclusions)
    for excluded in exclusions:
        for value in values:
            if _is_stated(index, value):
                for kind in _types_at_or_below(index, value, excluded):
                    yield {"path": _EXCLUDES_DIAGNOSIS, "value": value, "kind": kind, "excluded": excluded}


def diagnosis_not_ruled_out(index: Index, request: Node) -> Iterator[Solution]:
    """A diagnosis, suspected or confirmed, of the kind of one that is ruled out, for no other side or region."""
    diagnoses = diagnoses_of(index, request)
    for other in diagnoses:
        if not _is_ruled_out(index, other):
            continue
        for value in diagnoses:
            if not _is_stated(index, value) or _differ_in_place(index, value, other):
                continue
            for ruled_out in index.objects(other, _TYPE):
                if ruled_out != _DIAGNOSIS:
                    for kind in _types_at_or_below(index, value, ruled_out):
                        yield {
                            "path": _CERTAINTY, "value": value, "kind": kind, "other": other, "ruledOut": ruled_out,
                        }  # fmt: skip


def indication_not_ruled_out(index: Index, request: Node) -> Iterator[Solution]:
    """An indication that is ruled out."""
    for value in index.objects(request, _HAS_INDICATION):
        if _is_ruled_out(index, value):
            yield {"path": _HAS_INDICATION, "value": value}


def radiculopathy_not_denied(index: Index, request: Node) -> Iterator[Solution]:
    """A code that denies radiculopathy of a region, beside a diagnosis of nerve-root disease of it."""
    denying = _of_some_kind(index, diagnoses_of(index, request), _DENIED)
    if not denying:
        return
    diagnoses = [value for value in diagnoses_of(index, request) if not _is_ruled_out(index, value)]
    for value in diagnoses:
        if value not in denying:
            continue
        for code in index.objects(value, _TYPE):
            for denied in _DENIED.keys() & index.hierarchy.ancestors(code):
                for other in diagnoses:
                    for kind in _root_diseases(index, other, *_DENIED[denied]):
                        yield {"path": _HAS_DIAGNOSIS, "value": value, "code": code, "other": other, "kind": kind}


def _root_diseases(index: Index, node: Node, of_region: frozenset[URIRef], region: URIRef) -> Iterator[Node]:
    stated = region in index.objects(node, _SPINAL_REGION)
    for kind in index.objects(node, _TYPE):
        above = index.hierarchy.ancestors(kind)
        if not above.isdisjoint(of_region) or (stated and not above.isdisjoint(_ROOT_DISEASE)):
            yield kind


def side_as_coded(index: Index, request: Node) -> Iterator[Solution]:
    """A side that is not the one of the code."""
    for value in _of_some_kind(index, diagnoses_of(index, request), _SIDED):
        for side in index.objects(value, _LATERALITY):
            for kind in index.objects(value, _TYPE):
                for sided in _SIDED.keys() & index.hierarchy.ancestors(kind):
                    if side != _SIDED[sided]:
                        yield {"path": _LATERALITY, "value": value, "side": side, "kind": kind, "sided": sided}


def limb_without_finding(index: Index, request: Node) -> Iterator[Solution]:
    """A finding in a limb that is stated to be free of symptoms."""
    for limb in index.objects(request, _HAS_LIMB):
        regions, free = index.objects(limb, _BODY_REGION), index.objects(limb, _LATERALITY)
        for value in index.objects(request, _HAS_FINDING):
            if any(region in regions for region in index.objects(value, _BODY_REGION)):
                sides = index.objects(value, _LATERALITY)
                if not free or any(_meet(side, one) for side in sides for one in free):
                    yield {"path": _HAS_FINDING, "value": value, "limb": limb}


def _meet(side: Node, other: Node) -> bool:
    return side == other or _BILATERAL in (side, other)


def one_course(index: Index, request: Node) -> Iterator[Solution]:
    """Two courses since the earlier study that exclude each other."""
    courses = index.objects(request, _HAS_COURSE)
    for value in courses:
        for kind in index.objects(value, _TYPE):
            if kind in _COURSES:
                for other in dict.fromkeys(cls for course in courses for cls in index.objects(course, _TYPE)):
                    if other in _COURSES[kind]:
                        yield {"path": _HAS_COURSE, "value": value, "kind": kind, "otherKind": other}


def course_since_something(index: Index, request: Node) -> Iterator[Solution]:
    """A course since an earlier study, and no earlier study."""
    if not index.objects(request, _HAS_STUDY):
        for value in index.objects(request, _HAS_COURSE):
            yield {"path": _HAS_COURSE, "value": value}


def earlier_study_not_excluded(index: Index, request: Node) -> Iterator[Solution]:
    """An earlier study of a kind that is said never to have been done."""
    for excluded in index.objects(request, _EXCLUDES_STUDY):
        for value in index.objects(request, _HAS_STUDY):
            if any(True for _ in _types_at_or_below(index, value, excluded)):
                yield {"path": _HAS_STUDY, "value": value, "excluded": excluded}


def normal_study_establishes_nothing(index: Index, request: Node) -> Iterator[Solution]:
    """An earlier study that was normal and established a diagnosis."""
    for value in index.objects(request, _HAS_STUDY):
        if _NORMAL in index.objects(value, _RESULT):
            for diagnosis in index.objects(value, _ESTABLISHED):
                if not _is_ruled_out(index, diagnosis):
                    yield {"path": _RESULT, "value": value, "diagnosis": diagnosis}


def diagnoses_of(index: Index, request: Node) -> list[Node]:
    """What the request gives as its reason, records or has from an earlier study, each once."""
    if index.changes:
        return _diagnoses_of(index, request)
    key = (diagnoses_of, request)
    known: list[Node] | None = index.remembered.get(key)
    if known is None:
        known = index.remembered[key] = _diagnoses_of(index, request)
    return known


def _diagnoses_of(index: Index, request: Node) -> list[Node]:
    found = [*index.objects(request, _HAS_INDICATION), *index.objects(request, _HAS_DIAGNOSIS)]
    for study in index.objects(request, _HAS_STUDY):
        found += index.objects(study, _ESTABLISHED)
    return list(dict.fromkeys(found))


def _of_some_kind(index: Index, nodes: Collection[Node], classes: Collection[Node]) -> list[Node]:
    """The nodes of which one of some classes is a kind; which of their types lies below it, each query asks itself."""
    if not classes:
        return []
    kinds = index.kinds
    return [node for node in nodes if not kinds.get(node, _NO_KINDS).isdisjoint(classes)]


def _is_ruled_out(index: Index, diagnosis: Node) -> bool:
    return any(map(_says_ruled_out, index.objects(diagnosis, _CERTAINTY)))


def _is_stated(index: Index, diagnosis: Node) -> bool:
    return not all(map(_says_ruled_out, index.objects(diagnosis, _CERTAINTY)))


def _says_ruled_out(certainty: Node) -> bool:
    return certainty is _RULED_OUT or (type(certainty) is URIRef and _same(certainty, _RULED_OUT))


_same: Final = str.__eq__


def _types_at_or_below(index: Index, node: Node, cls: Node) -> Iterator[Node]:
    for kind in index.objects(node, _TYPE):
        if cls in index.hierarchy.ancestors(kind):
            yield kind


def _differ_in_place(index: Index, one: Node, other: Node) -> bool:
    """Whether two diagnoses are of opposite sides, or of different regions of the spine."""
    sides, others = _sides(index, one), _sides(index, other)
    if (_LEFT in sides and _RIGHT in others) or (_RIGHT in sides and _LEFT in others):
        return True
    levels = index.objects(other, _SPINAL_REGION)
    return any(level != here for here in index.objects(one, _SPINAL_REGION) for level in levels)


def _sides(index: Index, diagnosis: Node) -> set[Node]:
    kinds = index.kinds.get(diagnosis, _NO_KINDS)
    return {*index.objects(diagnosis, _LATERALITY), *(side for sided, side in _SIDED.items() if sided in kinds)}
