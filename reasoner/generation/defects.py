"""What can be wrong with a generated case on purpose: each of these intake refuses, by name."""

from collections.abc import Callable
from typing import Final

from reasoner.generation.case_text import Token

About = dict[str, list[Token]]
"""The statements of a case by the node that they are about."""


def _node(about: About, kind: str) -> str:
    return next(name for name in about if name.startswith(kind))


def _misspelt_property(about: About) -> None:
    about["request"].append(("request", "edx:hasFindng", "edx:Numbness"))


def _misspelt_class(about: About) -> None:
    study = _node(about, "study")
    about[study].append((study, "a", "edx:NeedleElectromyografy"))


def _no_certainty(about: About) -> None:
    node = _node(about, "diagnosis")
    about[node] = [said for said in about[node] if said[1] != "edx:certainty"]


def _two_certainties(about: About) -> None:
    node = _node(about, "diagnosis")
    about[node] = [said for said in about[node] if said[1] != "edx:certainty"]
    about[node] += [(node, "edx:certainty", "edx:Suspected"), (node, "edx:certainty", "edx:Confirmed")]


def _no_study(about: About) -> None:
    for name in [name for name in about if name.startswith("study")]:
        del about[name]
    about["request"] = [said for said in about["request"] if said[1] != "edx:requestsStudy"]


def _no_such_day(about: About) -> None:
    about["request"] = [said for said in about["request"] if said[1] != "edx:dateOfService"]
    about["request"].append(("request", "edx:dateOfService", '"2026-02-30"^^xsd:date'))


def _no_such_code(about: About) -> None:
    node = _node(about, "diagnosis")
    about[node].append((node, "a", "icd10cm:M54.1X9"))


def _no_such_procedure(about: About) -> None:
    study = _node(about, "study")
    about[study] = [said for said in about[study] if said[1] != "edx:procedureCode"]
    about[study].append((study, "edx:procedureCode", '"95999X"'))


def _no_quantity(about: About) -> None:
    study = _node(about, "study")
    about[study] = [said for said in about[study] if said[1] != "edx:quantity"]
    about[study].append((study, "edx:quantity", "0"))


def _statement_about_a_term(about: About) -> None:
    about["request"].append(("request", "rdfs:subClassOf", "edx:Finding"))


DEFECTS: Final[dict[str, Callable[[About], None]]] = {
    "misspelt property": _misspelt_property,
    "misspelt class": _misspelt_class,
    "diagnosis without a certainty": _no_certainty,
    "diagnosis with two certainties": _two_certainties,
    "no study": _no_study,
    "no day of the calendar": _no_such_day,
    "no diagnosis code": _no_such_code,
    "no procedure code": _no_such_procedure,
    "no quantity": _no_quantity,
    "statement about the meaning of a term": _statement_about_a_term,
}
"""Every defect by its name."""
