"""Reads the mapping sets, `ontology/mappings/<name>.sssom.tsv`: the one source of what links codes to the ontology.

A set is SSSOM/TSV: metadata as YAML in lines that begin with `#`, then one row per mapping. A row says: subject (a
concept of a policy, as a class of the ontology), predicate, object (a code). `predicate_modifier` "Not" denies it. Our
own columns are declared in the metadata (`extension_definitions`): the role of the code, the codes left out below it,
the class that it is placed under, and the clause and item of the policy that it serves.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import yaml
from rdflib import URIRef

from reasoner.errors import MappingSetError
from reasoner.resources import data_folder
from reasoner.terms import PREFIXES

MAPPING_SETS: Final = ("hpo", "icd10cm", "procedures")
NO_TERM: Final = "sssom:NoTermFound"
"""The object of a row that says: no term of the terminology was found."""

REQUIRED_COLUMNS: Final = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "predicate_modifier",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
    "comment",
)
EXTENSION_COLUMNS: Final = ("edx_role", "edx_excluded_roots", "edx_class", "edx_clause", "edx_item")

_SUFFIX: Final = ".sssom.tsv"
_FIELDS: Final = frozenset((*REQUIRED_COLUMNS, *EXTENSION_COLUMNS)) - {"subject_label", "mapping_justification"}
_CURIE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*):(\S+)")


@dataclass(frozen=True)
class Mapping:
    """One row of a mapping set.

    `subject` is the concept of a policy, `object` the code as a CURIE, `edx_class` the class that the code is placed
    under, if the row places it at all. `excluded_roots` are codes below the object that the row does not speak of.
    `confidence` runs from 0 to 1. `extra` holds the columns that have no field here, by name, without the empty ones.
    """

    subject: URIRef
    predicate: URIRef
    negated: bool
    object: str
    object_label: str
    role: str
    excluded_roots: tuple[str, ...]
    edx_class: URIRef | None
    confidence: float
    clause: URIRef | None
    item: str
    comment: str
    extra: Dictionary[str, str]
    line: int

    @property
    def code(self) -> str | None:
        """The code without its prefix (`G56.0`), or nothing where no term was found."""
        return None if self.object == NO_TERM else self.object.partition(":")[2]


@dataclass(frozen=True)
class MappingSet:
    """A mapping set with its metadata; scalars are texts, and maps and lists are as YAML has them."""

    metadata: Dictionary[str, object]
    mappings: tuple[Mapping, ...]
    path: Path

    @property
    def version(self) -> str:
        """The version that the set states of itself."""
        return str(self.metadata["mapping_set_version"])

    @cached_property
    def prefixes(self) -> Dictionary[str, str]:
        """What each prefix stands for, as the set declares it."""
        declared = self.metadata["curie_map"]
        return declared if isinstance(declared, dict) else {}

    def iri(self, curie: str) -> URIRef:
        """The IRI that a CURIE of the set stands for."""
        prefix, _, name = curie.partition(":")
        return URIRef(self.prefixes[prefix] + name)


@cache
def read_mapping_set(name: str) -> MappingSet:
    """One of `MAPPING_SETS`, as the package ships it; read at the first question and kept.

    Raises:
        MappingSetError: The file is not written as a mapping set must be; every problem is listed with its line.
    """
    return read_mapping_file(data_folder("ontology") / "mappings" / f"{name}{_SUFFIX}")


@dataclass(frozen=True)
class NamedItem:
    """An item that a policy names: the concept of the ontology that stands for it, its clause, and what it is."""

    subject: URIRef
    clause: URIRef
    item: str


def read_named_items() -> tuple[NamedItem, ...]:
    """The 63 items of the diagnosis list of BCBSND, in its order, from `ontology/mappings/items.tsv`."""
    lines = (data_folder("ontology") / "mappings" / "items.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return tuple(NamedItem(_own(subject), _own(clause), item) for subject, clause, item in rows)


def _own(curie: str) -> URIRef:
    prefix, _, name = curie.partition(":")
    return URIRef(PREFIXES[prefix] + name)


def read_mapping_file(path: Path) -> MappingSet:
    """A mapping set from a file.

    Raises:
        MappingSetError: As for `read_mapping_set`.
        OSError: The file cannot be read.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise MappingSetError(path.name, [f"{path.name}: the file is not UTF-8: {error}."]) from None
    header = [line for line in lines if line.startswith("#")]
    problems: list[str] = []
    metadata = _metadata(header, path.name, problems)
    if lines[: len(header)] != header:
        problems.append(f"{path.name}: lines that begin with '#' stand before the table, and nowhere else.")
    declared = metadata.get("curie_map")
    prefixes = declared if isinstance(declared, dict) else {}
    needed = ("mapping_set_id", "license", "mapping_set_version", "curie_map")
    problems.extend(f"{path.name}: the metadata lack '{key}'." for key in needed if not metadata.get(key))
    if not prefixes:
        raise MappingSetError(path.name, problems)  # without them every row would be a problem, and none would be true
    rows = list(_rows(path.name, lines, len(header), _slots(metadata), prefixes, problems))
    if problems:
        raise MappingSetError(path.name, problems)
    return MappingSet(metadata, tuple(rows), path)


def _slots(metadata: Dictionary[str, object]) -> tuple[str, ...]:
    declared = metadata.get("extension_definitions")
    found = declared if isinstance(declared, list) else []
    return tuple(str(entry["slot_name"]) for entry in found if isinstance(entry, dict) and "slot_name" in entry)


def _rows(
    name: str,
    lines: Sequence[str],
    start: int,
    slots: Sequence[str],
    prefixes: Dictionary[str, str],
    problems: list[str],
) -> Iterator[Mapping]:
    """The rows that are well formed; what is wrong with the others is added to the problems."""
    table = [line for line in lines if not line.startswith("#")]
    reader = csv.reader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = next(reader, [])
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    undeclared = [column for column in columns if column.startswith("edx_") and column not in slots]
    if missing:
        problems.append(f"{name}:{start + 1}: the columns {', '.join(missing)} are missing.")
        return
    if undeclared:
        problems.append(f"{name}:{start + 1}: extension_definitions must declare {', '.join(undeclared)}.")
    for number, cells in enumerate(reader, start + 2):
        where = f"{name}:{number}"
        if len(cells) != len(columns):
            problems.append(f"{where}: {len(cells)} columns where {len(columns)} are expected.")
            continue
        row = dict(zip(columns, cells, strict=True))
        wrong = list(_faults(row, prefixes))
        problems.extend(f"{where}: {fault}" for fault in wrong)
        if not wrong:
            yield _mapping(row, prefixes, number)


def _faults(row: Dictionary[str, str], prefixes: Dictionary[str, str]) -> Iterator[str]:
    """What is malformed in a row, each as a sentence."""
    for column in ("subject_id", "predicate_id", "object_id", "mapping_justification", "edx_class", "edx_clause"):
        value = row.get(column, "")
        if not value and column in ("edx_class", "edx_clause"):
            continue
        match = _CURIE.fullmatch(value)
        if match is None:
            yield f"{column} must be a CURIE such as edx:Radiculopathy, not '{value}'."
        elif match[1] not in prefixes:
            yield f"{column} has the prefix '{match[1]}', which curie_map does not declare."
    if row["predicate_modifier"] not in ("", "Not"):
        yield f"predicate_modifier must be empty or Not, not '{row['predicate_modifier']}'."
    try:
        within = 0 <= float(row["confidence"]) <= 1
    except ValueError:
        within = False
    if not within:
        yield f"confidence must be a number from 0 to 1, not '{row['confidence']}'."
    if any(value != value.strip() for value in row.values()):
        yield "a cell begins or ends with a blank."


def _mapping(row: Dictionary[str, str], prefixes: Dictionary[str, str], line: int) -> Mapping:
    def iri(column: str) -> URIRef | None:
        prefix, _, name = row.get(column, "").partition(":")
        return URIRef(prefixes[prefix] + name) if name else None

    subject, predicate = iri("subject_id"), iri("predicate_id")
    assert subject is not None
    assert predicate is not None
    return Mapping(
        subject=subject,
        predicate=predicate,
        negated=row["predicate_modifier"] == "Not",
        object=row["object_id"],
        object_label=row["object_label"],
        role=row.get("edx_role", ""),
        excluded_roots=tuple(filter(None, row.get("edx_excluded_roots", "").split("|"))),
        edx_class=iri("edx_class"),
        confidence=float(row["confidence"]),
        clause=iri("edx_clause"),
        item=row.get("edx_item", ""),
        comment=row["comment"],
        extra={column: value for column, value in row.items() if value and column not in _FIELDS},
        line=line,
    )


def _metadata(header: Sequence[str], name: str, problems: list[str]) -> dict[str, object]:
    """The metadata of a set; every scalar stays the text that it is written as."""
    text = "\n".join(line[1:].removeprefix(" ") for line in header)
    try:
        node = _composed(text)
        found = yaml.BaseLoader("").construct_document(node) if node else None  # nothing but texts, lists and maps
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(f"{name}:{mark.line + 1 if mark else 1}: the metadata are no YAML: {error.problem}.")
        return {}
    if not isinstance(found, dict) or not isinstance(node, yaml.MappingNode):
        problems.append(f"{name}:1: the metadata must be a YAML map in lines that begin with '#'.")
        return {}
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            problems.append(f"{name}:{key.start_mark.line + 1}: '{key.value}' stands twice in the metadata.")
        seen.add(key.value)
    return found


def _composed(text: str) -> yaml.Node | None:
    """The text as YAML; what is wrong with it is said by the parser in Python, whichever read it."""
    try:
        return yaml.compose(text, Loader=_QUICK)
    except yaml.MarkedYAMLError:
        return yaml.compose(text, Loader=yaml.BaseLoader)


_QUICK: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the parser in C, where PyYAML was built with it
