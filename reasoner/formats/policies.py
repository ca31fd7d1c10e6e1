"""Policies as text: which editions there are, and the tree of an edition's criteria with the clauses they encode."""

import io
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from reasoner.errors import UnknownTermError
from reasoner.knowledge import Knowledge
from reasoner.policy.edition import Criterion, Edition, Kind, Member, Operator

_JOINED = {
    Operator.ALL: "all of these",
    Operator.ANY: "at least one of these",
    Operator.CONDITIONAL: "asked for only if the first holds",
}
DEFAULT_WIDTH: Final = 100
_NARROWEST: Final = 40


def policy_list(knowledge: Knowledge) -> str:
    """One line an edition."""
    editions = sorted(knowledge.editions, key=lambda e: (e.slug, e.effective_from))
    widest = max((len(e.slug) for e in editions), default=0)
    return "".join(
        f"{e.slug:{widest}}  from {e.effective_from}  {e.payer_slug}: {e.title}{_partial(e)}\n" for e in editions
    )


def _partial(edition: Edition) -> str:
    return " (partial)" if edition.partial and "partial" not in edition.title else ""


def policy_tree(knowledge: Knowledge, policy: str, *, width: int = DEFAULT_WIDTH) -> str:
    """The editions of one policy, each with its criteria and their clauses.

    Raises:
        UnknownTermError: There is no such policy.
    """
    found = [e for e in knowledge.editions if policy in (e.slug, e.payer_slug, str(e.series), str(e.iri))]
    if not found:
        known = ", ".join(sorted({e.slug for e in knowledge.editions}))
        raise UnknownTermError(f"There is no policy '{policy}'. Known are: {known}.")
    return "\n".join(_edition(edition, width) for edition in found)


def _edition(edition: Edition, width: int) -> str:
    tree = Tree(Text(f"{edition.title}, in force from {edition.effective_from}"))
    _grow(tree, [Member(edition.root)], edition)
    if edition.not_encoded:
        missing = tree.add(Text("not encoded, because the content is not known"))
        for clause in edition.not_encoded:
            missing.add(Text(f"{clause.label} ({clause.place})"))
    if edition.advice:
        given = tree.add(Text("advice, which decides nothing"))
        for advice in edition.advice:
            given.add(Text(f"{advice.label} ({advice.clause.place})"))
    text = io.StringIO()
    Console(file=text, width=max(width, _NARROWEST), color_system=None, legacy_windows=False, _environ={}).print(tree)
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n"))


def _grow(tree: Tree, members: Iterable[Member], edition: Edition) -> None:
    for member in members:
        criterion = member.criterion
        branch = tree.add(Text(_line(criterion, member, edition)))
        _grow(branch, criterion.members, edition)


def _line(criterion: Criterion, member: Member, edition: Edition) -> str:
    joined = f", {_JOINED[criterion.operator]}" if criterion.operator else ""
    asked = "must be ruled out: " if member.ruled_out and criterion in edition.exclusions else ""
    unknown = " (content unknown)" if criterion.kind is Kind.UNENCODED else ""
    places = "; ".join(clause.place for clause in criterion.clauses)
    return f"{asked}{criterion.label}{unknown}{joined} [{criterion.name}] — {places}"
