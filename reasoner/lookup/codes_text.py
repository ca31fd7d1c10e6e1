"""What a code means, as text."""

from collections.abc import Iterable, Iterator
from typing import Final

from rdflib import URIRef

from reasoner.case import curie
from reasoner.knowledge import Knowledge
from reasoner.lookup.code_meaning import CodeMeaning, Contradicted
from reasoner.lookup.code_policies import LeftOpen, Needed, PolicyMeaning
from reasoner.plain_text import DEFAULT_WIDTH, counted, item, listing, section, wrapped
from reasoner.policy.edition import Criterion
from reasoner.terminology import codes as terminology
from reasoner.terminology.codes import Icd10cmCode
from reasoner.terminology.mappings import Mapping

_LISTED: Final = 40
NOT_REVIEWED: Final = "Draft, not clinically reviewed."
_ASKED: Final = (
    "What the code does alone: each criterion was assessed for a request whose one diagnosis bears the code, "
    "suspected or confirmed, and which says nothing else."
)
_ALONE: Final = {
    "etiology": "the code names a cause and no neuropathy",
    "supporting": "the code supports another and says nothing alone",
    "symptom": "a code states no finding: the record has to document it",
    "conditional": "the code leaves it open",
    "sequela": "the code says what a disease left behind, not that it is there",
}


def render_code(meaning: CodeMeaning, knowledge: Knowledge, *, width: int = DEFAULT_WIDTH) -> str:
    """What a diagnosis code is and means, in sections."""
    return "\n".join(_lines(meaning, knowledge, width)) + "\n"


def named(cls: URIRef, knowledge: Knowledge) -> str:
    """A class by its label and its IRI: `radiculopathy [edx:Radiculopathy]`."""
    return f"{knowledge.labels.get(cls, curie(cls))} [{curie(cls)}]"


def _lines(meaning: CodeMeaning, knowledge: Knowledge, width: int) -> Iterator[str]:
    yield from wrapped(f"{meaning.code.code}  {meaning.code.title}", width, rest="  ")
    for sentence in (*_release(meaning), *_billable(meaning)):
        yield from wrapped(sentence, width)
    yield from section("Codes below it that are billable", _below(meaning, width), width)
    if meaning.above:
        tree = (line for entry in (*meaning.above, meaning.code) for line in _entry(entry, width))
        yield from section("Hierarchy", tree, width)
    yield from section("In the ontology", _in_ontology(meaning, knowledge, width), width)
    yield from section(f"In the map ({NOT_REVIEWED.lower().rstrip('.')})", _rows(meaning, knowledge, width), width)
    yield from section("Not to be coded together (Excludes1 notes that apply)", _excludes1(meaning, width), width)
    contradicted = (line for other in meaning.contradicted for line in _contradicted(meaning, other, knowledge, width))
    yield from section("Contradicts", contradicted, width)
    yield ""
    none = f"No edition of a policy that is known here is in force on {meaning.on}."
    yield from wrapped(_ASKED if meaning.policies else none, width)
    for policy in meaning.policies:
        yield from section(f"Under {policy.edition.title}", _under(policy, knowledge, width), width)


def _release(meaning: CodeMeaning) -> Iterator[str]:
    yield f"{meaning.release}." if meaning.in_release else f"Not in {meaning.release}."
    code = meaning.code
    known = [(f"in force from {code.first_day}", code.first_day), (f"in force until {code.last_day}", code.last_day)]
    days = [said for said, day in known if day is not None]
    if days:
        yield f"By the releases known here: {', '.join(days)}."
    if meaning.on is not None:
        answer = {
            True: f"In force on {meaning.on}.",
            False: f"Not in force on {meaning.on}.",
            None: f"Whether it is in force on {meaning.on} is not known: the releases known here do not tell.",
        }
        yield answer[meaning.in_force]
    for standing in meaning.standings:
        said = "lacks it" if standing.title is None else "billable" if standing.billable else "a category"
        titled = f", titled “{standing.title}”" if standing.title not in (None, code.title) else ""
        yield f"{standing.release} ({standing.in_force_from} to {standing.in_force_to}): {said}{titled}."


def _billable(meaning: CodeMeaning) -> Iterator[str]:
    if meaning.code.billable:
        yield "Billable." if meaning.in_release else "Billable in the latest release known here that has it."
    elif meaning.below:
        number = counted(len(meaning.below), "billable code")
        yield f"Not billable: it is a category, and {number} {'lies' if len(meaning.below) == 1 else 'lie'} below it."
    else:
        yield "Not billable: it is a heading."
    if meaning.billable_on is not None and meaning.billable_on != meaning.code.billable:
        yield f"On {meaning.on} it was {'billable' if meaning.billable_on else 'not billable'}."


def _below(meaning: CodeMeaning, width: int) -> Iterator[str]:
    for entry in meaning.below[:_LISTED]:
        yield from _entry(entry, width)
    if len(meaning.below) > _LISTED:
        yield f"  … and {len(meaning.below) - _LISTED} more (--format json lists all)"


def _entry(entry: Icd10cmCode, width: int) -> list[str]:
    return wrapped(entry.title, width, first=f"  {entry.code:8} ", rest=" " * 11)


def _in_ontology(meaning: CodeMeaning, knowledge: Knowledge, width: int) -> Iterator[str]:
    for cls in meaning.classes:
        yield from item("•", named(cls, knowledge), width)
    if not meaning.classes:
        yield from item("•", "no class: the code opens no category of a policy by itself", width)
    if meaning.side is not None:
        yield from item("•", f"side: {named(meaning.side, knowledge)}", width)
    if meaning.encounter is not None:
        yield from item("•", f"encounter: {named(meaning.encounter, knowledge)}", width)


def _rows(meaning: CodeMeaning, knowledge: Knowledge, width: int) -> Iterator[str]:
    for row in meaning.affirmed:
        yield from _row("+", knowledge.labels.get(row.subject, curie(row.subject)), row, width)
    for row in meaning.denied:
        yield from _row("\N{MINUS SIGN}", f"Not: {knowledge.labels.get(row.subject, curie(row.subject))}", row, width)
    for row in meaning.left_out:
        label = knowledge.labels.get(row.subject, curie(row.subject))
        said = f"{label}: {row.code} counts without {listing(row.excluded_roots)}."
        yield from item("○", said, width)
    if not (meaning.affirmed or meaning.denied or meaning.left_out):
        yield from item("•", "no row reaches the code", width)


def _row(symbol: str, label: str, row: Mapping, width: int) -> Iterator[str]:
    predicate = row.predicate.rpartition("#")[2]
    said = f"{label} ({row.role}, {predicate} {row.code}, confidence {row.confidence:g})"
    yield from item(symbol, f"{said}. {row.comment}" if row.comment else said, width)
    if row.item:
        yield from wrapped(f"serves “{row.item}”", width, first="    ", rest="    ")


def _excludes1(meaning: CodeMeaning, width: int) -> Iterator[str]:
    shown: dict[tuple[str, str], None] = {}
    for note in meaning.excludes1:
        shown.setdefault((note.noted_at, note.text))
    for noted_at, text in shown:
        own = "its own note" if noted_at == meaning.code.code else f"note at {noted_at}"
        yield from item("•", f"{own}: {text}", width)


def _contradicted(meaning: CodeMeaning, other: Contradicted, knowledge: Knowledge, width: int) -> Iterator[str]:
    code = meaning.code.code
    roots = [row.code for row in other.roots if row.code]
    noted = [root for root in roots if terminology.excludes1_between(code, root)]
    said = f"{named(other.cls, knowledge)}, as {', '.join(roots)} say: a request cannot state both."
    yield from item("•", said, width)
    without = [root for root in roots if root not in noted]
    if without:
        yield from wrapped(
            f"No Excludes1 note keeps it apart from {', '.join(without)}: "
            f"{'the titles do' if len(without) > 1 else 'the title does'}.",
            width, first="    ", rest="    ",
        )  # fmt: skip


def _under(policy: PolicyMeaning, knowledge: Knowledge, width: int) -> Iterator[str]:
    edition = policy.edition
    for criterion in policy.meets:
        mark = "✘ applies" if criterion in edition.exclusions else "✔ meets"
        yield from item(mark, _criterion(criterion, places=True), width)
    if policy.reached:
        yield from item("→", f"so that these are met: {_criteria(policy.reached)}", width, depth=2)
    for waiting in policy.waiting:
        said = f"{_criterion(waiting.criterion)} stays open: {_criteria(waiting.parts)}"
        yield from item("?", said, width, depth=2)
    if policy.applies:
        yield from item("→", f"so that these are asked for: {_criteria(policy.applies)}", width, depth=2)
    for criterion in policy.refutes:
        yield from item("✘ rules out", _criterion(criterion, places=True), width)
    for left in policy.left_open:
        yield from _left_open(left, knowledge, width)
    for against in policy.stands_against:
        if against.criteria:
            label = knowledge.labels.get(against.cls, curie(against.cls))
            said = f"beside {label} the record contradicts itself: {_criteria(against.criteria)}"
            yield from item("! conflicts", said, width)
    if policy.refutes_as_indication:
        number = counted(len(policy.refutes_as_indication), "criterion").replace("criterions", "criteria")
        said = f"as the only indication it refutes {number} about other diseases or purposes"
        yield from item("✘", f"{said}: {listing([c.label for c in policy.refutes_as_indication], 6)}", width)
    if policy.does_nothing and not policy.left_open:
        yield from item("•", "meets and refutes nothing", width)
    elif not policy.meets:
        yield from item("•", "meets nothing", width)


def _left_open(left: LeftOpen, knowledge: Knowledge, width: int) -> Iterator[str]:
    label = knowledge.labels.get(left.row.subject, curie(left.row.subject))
    yield from item("? leaves open", f"{_criteria(left.criteria)}: {_ALONE[left.row.role]} ({label})", width)
    for code in left.codes:
        entry = terminology.icd10cm(code)
        titled = f"{code} ({entry.title})" if entry else code
        yield from item("→", f"counts only with {titled}", width, depth=2)
    if left.findings:
        findings = listing(_needed(needed, knowledge) for needed in left.findings)
        yield from item("→", f"counts only with a finding: {findings}", width, depth=2)


def _needed(needed: Needed, knowledge: Knowledge) -> str:
    said = knowledge.labels.get(needed.cls, curie(needed.cls))
    places = [knowledge.labels.get(place, curie(place)) for place in needed.places]
    return f"{said} ({' or '.join(places)})" if places else said


def _criterion(criterion: Criterion, *, places: bool = False) -> str:
    said = f"{criterion.label} [{criterion.name}]"
    return f"{said} — {'; '.join(clause.place for clause in criterion.clauses)}" if places else said


def _criteria(criteria: Iterable[Criterion]) -> str:
    return "; ".join(map(_criterion, criteria))
