"""A report held against a replay of its determination: equal, or what exactly differs."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

import orjson
import pyoxigraph as ox

from reasoner.case import Case
from reasoner.errors import EngineError, NoApplicablePolicyError, ReasonerError
from reasoner.evaluation.determination import Determination
from reasoner.evaluation.determining import determine
from reasoner.formats.as_json import compact_json
from reasoner.knowledge import Knowledge
from reasoner.rdf.tokens import tokens_of
from reasoner.report.content import iri_of_inputs
from reasoner.report.text import descriptions_text, report_text
from reasoner.report.view_builder import view_of
from reasoner.verification import differences
from reasoner.verification.claims import (
    INPUTS,
    KNOWLEDGE,
    VERSION,
    Broken,
    Claim,
    Group,
    Statement,
    graph_claims,
    graph_statements,
    json_claim,
    json_statements,
)
from reasoner.verification.documents import Document


class Verdict(StrEnum):
    """What came of holding a report against its replay."""

    EQUAL = "equal"
    SAME_RESULT = "same result"  # all is the same but the program's version, or files that decided nothing here
    DIFFERS = "differs"
    REFUSED = "refused"  # it could not be replayed


@dataclass(frozen=True)
class Verification:
    """What came of one report, or of a policy's own words beside the reports of a batch; `said` is why.

    `digest` is that of the graph (RDFC-1.0) or the document of JSON (RFC 8785) that the report stands in alone;
    `case_digest` that of the case with which it was replayed.
    """

    of: str
    verdict: Verdict
    said: tuple[str, ...] = ()
    digest: str | None = None
    case_digest: str | None = None


def verify(document: Document, cases: Sequence[Case], knowledge: Knowledge) -> Iterator[Verification]:
    """Replay each report of a file and compare it, statement by statement.

    Args:
        document: The file.
        cases: The cases at hand, those of the reports among them.
        knowledge: What to replay with; its digests are made anew from its files.
    """
    knowledge = replace(knowledge, sources=knowledge.sources.anew())
    only = cases[0] if len(cases) == document.reports == 1 else None
    at_hand = _Cases(cases)
    for group in document.groups():
        yield from _Replaying(group, at_hand, only, knowledge).verifications()
    for edition, words in document.words():
        yield _words(edition, words, knowledge)


@dataclass(frozen=True, eq=False)
class _Replay:
    """What the program says today, under the name that the report has."""

    claim: Claim
    statements: frozenset[Statement]


class _Cases:
    """Cases by their digest and by their IRI."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = cases
        self._by_both = {(case.digest, str(case.iri)): case for case in cases}
        self._by_digest = {case.digest: case for case in cases}
        self._by_iri = {str(case.iri): case for case in reversed(cases)}

    def of(self, claim: Claim) -> Case | None:
        """The case of a report: by its digest, else by its IRI."""
        digest = claim.inputs["caseDigest"]
        return self._by_both.get((digest, claim.case)) or self._by_digest.get(digest) or self._by_iri.get(claim.case)


class _Replaying:
    """The reports that stand together in a graph or in a document of JSON."""

    def __init__(self, group: Group, cases: "_Cases", only: Case | None, knowledge: Knowledge) -> None:
        self.group = group
        self.cases = cases
        self.only = only
        self.knowledge = knowledge
        self.alone = len(group.reports) == 1
        self.explained: set[Statement] = set()

    def verifications(self) -> Iterator[Verification]:
        """What came of each of them, and of what stands beside them."""
        group = self.group
        for report in group.reports:
            self.explained.update(_own(group.statements, report.iri))
            if isinstance(report, Broken):
                found = Verification(report.iri, Verdict.REFUSED, report.problems)
            else:
                found = self.verification(report)
            yield replace(found, digest=group.digest) if self.alone else found
        left_over = group.statements - self.explained
        if left_over and not self.alone:
            said = differences.listed("stated beside the reports, and by no replay", left_over)
            yield Verification(group.place or "what stands beside the reports", Verdict.DIFFERS, (said,))

    def verification(self, claim: Claim) -> Verification:
        """What came of one report."""
        case = self.cases.of(claim) or self.only
        if case is None:
            at_hand = (
                f"none of the {len(self.cases.cases)} cases at hand is it" if self.cases.cases else "give it by --case"
            )
            said = f"its case <{claim.case}>, of digest {claim.inputs['caseDigest']}, is missing: {at_hand}"
            return Verification(claim.iri, Verdict.REFUSED, (said,))
        statements = self.group.statements if self.alone else frozenset(_own(self.group.statements, claim.iri))
        best, more, less, program = None, statements, statements, list[str]()
        try:
            for replay in self.replays(claim, case):
                program = differences.of_program(claim, replay.claim)
                told = differences.between(statements, replay.statements, program=bool(program))
                if best is None or sum(map(len, told)) < len(more) + len(less):
                    best, (more, less) = replay, told
                if not more and not less:
                    break
        except ReasonerError as error:
            inputs = differences.of_inputs(claim, self.inputs(claim, case), case)
            return Verification(claim.iri, Verdict.REFUSED, (*inputs, f"it cannot be replayed: {error}"))
        assert best is not None  # there is always one
        self.explained |= best.statements
        inputs = differences.of_inputs(claim, best.claim.inputs, case)
        found = [*_misnamed(claim), *inputs]
        found += [*differences.of_outcomes(claim, best.claim), *differences.of_criteria(claim, best.claim)]
        if not self.alone:  # what several reports share may stand there for another one of them
            less = frozenset(_own(less, claim.iri))
        if more and not inputs:
            found.append(differences.listed("stated in the report, not by the replay", more))
        if less and not inputs:
            found.append(differences.listed("stated by the replay, not in the report", less))
        verdict = Verdict.DIFFERS if found else Verdict.SAME_RESULT if program else Verdict.EQUAL
        return Verification(claim.iri, verdict, (*found, *program), case_digest=case.digest)

    def replays(self, claim: Claim, case: Case) -> Iterator[_Replay]:
        """What the program says today, in each way that may have been asked for.

        A report says which date was applied; that it was asked for, or is the request's own, only its words tell.
        """
        natural = None
        with suppress(NoApplicablePolicyError):  # of the date of the case, which need not be that of the report
            natural = determine(case, self.knowledge, policy=claim.edition)
        if natural is not None and natural.date == claim.date:
            yield from self.told(natural, claim.iri)
        yield from self.told(determine(case, self.knowledge, policy=claim.edition, on=claim.date), claim.iri)

    def told(self, determination: Determination, iri: str) -> Iterator[_Replay]:
        """A determination in the form of the report."""
        if self.group.is_json:
            report = orjson.loads(compact_json(view_of(determination, self.knowledge)))
            yield _replay(json_claim(report), frozenset(json_statements(report)), iri)
            return
        for whole in (False, True) if self.group.words_apart else (True,):
            statements = _statements(report_text(determination, self.knowledge, "nquads", with_descriptions=whole))
            yield _replay(graph_claims(statements)[0], statements, iri)

    def inputs(self, claim: Claim, case: Case) -> dict[str, str]:
        """What is known of the inputs where no replay is possible."""
        digests = self.knowledge.digests_of(claim.edition)
        named = {} if digests is None else dict(zip(list(INPUTS)[1:], digests, strict=True))
        return {"caseDigest": case.digest, **named}


def _replay(claim: Claim | Broken, statements: frozenset[Statement], iri: str) -> _Replay:
    if isinstance(claim, Broken):
        raise EngineError(f"The report made anew cannot be read: {'; '.join(claim.problems)}.")
    if claim.iri == iri:
        return _Replay(claim, statements)
    renamed = frozenset((s.replace(claim.iri, iri), p, o.replace(claim.iri, iri)) for s, p, o in statements)
    return _Replay(claim, renamed)


def _misnamed(claim: Claim) -> list[str]:
    """Whether the IRI of a report is that of the inputs that it states."""
    stated = claim.inputs
    name = iri_of_inputs(
        stated["caseDigest"], claim.case, claim.edition, stated[KNOWLEDGE], stated[VERSION], claim.date.isoformat()
    )
    if str(name) == claim.iri:
        return []
    said = (
        "name: the IRI of the report does not follow from the case, edition, date, knowledge and program that it states"
    )
    return [f"{said}; one of them was altered, or the IRI itself"]


def _words(edition: str, words: frozenset[Statement], knowledge: Knowledge) -> Verification:
    """What came of the words of a policy that stand once for all reports of a batch."""
    known = next((found for found in knowledge.headings if str(found.iri) == edition), None)
    of = f"the words of <{edition}>"
    if known is None:
        return Verification(of, Verdict.REFUSED, ("no edition of that IRI is known here",))
    now = _statements(descriptions_text(knowledge.edition(edition, None, known.effective_from), "nquads"))
    more, less = words - now, now - words
    said = [differences.listed("stated there, not by the edition", more)] if more else []
    said += [differences.listed("stated by the edition, not there", less)] if less else []
    return Verification(of, Verdict.DIFFERS if said else Verdict.EQUAL, tuple(said))


def _own(statements: frozenset[Statement], iri: str) -> Iterator[Statement]:
    """The statements about a report and its parts."""
    whole, part = f"<{iri}>", f"<{iri}#"
    return (found for found in statements if found[0] == whole or found[0].startswith(part))


def _statements(nquads: str) -> frozenset[Statement]:
    return graph_statements(tokens_of(tuple(ox.parse(nquads, format=ox.RdfFormat.N_QUADS))))
